"""From a tree to types: all of it when it is well formed, else what is, and why the rest is not."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from keywright.model.declarations import Declarations
from keywright.model.draft import Draft, draft_of
from keywright.model.subject import SINGULAR
from keywright.model.yaml_tree import Mapping, plain

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from keywright.model.places import Places
    from keywright.reporting.finding import Finding

_LISTS = ("assignments", "never", "always", "exceptions")


def draft(
    whole: Mapping, places: Places, today: date, folder: Path
) -> tuple[Declarations | None, Draft, list[Finding]]:
    """Read the tree into types; without a finding the declarations are whole."""
    data = plain(whole)
    try:
        declarations = Declarations.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        from keywright.model.complaints import complaints  # noqa: PLC0415 - what is well formed doesn't wait for it

        details = error.errors(include_url=False, include_input=False)
        wrong = {tuple(each["loc"][:2]) for each in details}
        return None, _well_formed(data, wrong, today, folder, places), complaints(details, places)
    return declarations, draft_of(declarations, today, folder=folder, places=places, data=data), []


def _well_formed(data: dict[str, Any], wrong: set[Any], today: date, folder: Path, places: Places) -> Draft:
    sections = {section: _things(data, section, wrong) for section in (*SINGULAR, *_LISTS)}
    parts: dict[str, Any] = dict(sections)
    if not any(path[0] == "account" for path in wrong):
        parts["account"] = _type_of("account").model_validate(data["account"])
    for section in ("shards", "identity_center"):
        if section in data and not any(path[0] == section for path in wrong):
            parts[section] = _type_of(section).model_validate(data[section], by_alias=True, by_name=False)
    names = {section: tuple(data.get(section, ())) for section in SINGULAR}
    return Draft(today=today, folder=folder, names=names, data=data, places=places, **parts)


def _things(data: dict[str, Any], section: str, wrong: set[Any]) -> dict[Any, Any]:
    if (section,) in wrong:
        return {}
    things = data.get(section, {})
    entries = things.items() if isinstance(things, dict) else enumerate(things)
    kind = _type_of(section)
    return {
        name: kind.model_validate(value, by_alias=True, by_name=False)
        for name, value in entries
        if (section, name) not in wrong
    }


def _type_of(section: str) -> Any:
    annotation = Declarations.model_fields[section].annotation
    arguments = [each for each in get_args(annotation) if each not in (Ellipsis, NoneType)]
    return arguments[-1] if arguments else annotation
