"""The well-formed part of the declarations: the checks run on it even when other parts are malformed."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from pydantic import ValidationError

from keywright.model.declarations import Declarations
from keywright.model.source.places import SINGULAR, Places
from keywright.model.source.yaml_tree import NOTHING, MappingNode, plain
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date

    from keywright.model.account.settings import Account
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Location

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence(Finding):
    """A finding that may only follow from another mistake: it is left out while there is one at a path of `causes`."""

    causes: tuple[Path, ...] = ()


class AnyName(tuple[str, ...]):
    """The names of a section that can't be read: none is known, and any may be declared."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The well-formed part of the declarations, and what the checks need beside it.

    Attributes:
        today: The day on which dates are judged.
        declared: The well-formed entries of each section. Use `account` instead of `declared.account`, which is
            missing when it is malformed.
        positions: The index that each entry of a list had in YAML, for lists that lost malformed entries.
        grants: The index that each grant had in YAML, by the path of a holder that lost malformed grants.
        names: Every declared name by section, malformed entries too: a reference to one of those is no second mistake.
        data: The declarations as they were written, well formed or not.
        folder: Where files beside the declarations are.
        places: Where each declared thing is written.
        dates: The severity of an `until` in the past and of an `issued` in the future.
    """

    today: date
    declared: Declarations
    positions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    grants: Mapping[Path, tuple[int, ...]] = field(default_factory=dict)
    names: Mapping[str, Collection[str]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    folder: pathlib.Path | None = None
    places: Places = field(default_factory=Places)
    dates: Severity = Severity.WARNING

    @property
    def account(self) -> Account | None:
        """The account, unless it is malformed."""
        return getattr(self.declared, "account", None)

    def indexed(self, section: str, entries: tuple[Entry, ...]) -> Iterator[tuple[int, Entry]]:
        """Pair the entries of a list with their index in YAML."""
        return zip(self.positions.get(section, range(len(entries))), entries, strict=True)

    def as_written(self, path: Path) -> Path:
        """Give the path in YAML of a path in `declared`: the two differ behind malformed grants."""
        match path:
            case (section, name, "grants", int() as index, *rest) if (section, name) in self.grants:
                return (section, name, "grants", self.grants[section, name][index], *rest)
        return path

    def finding(
        self,
        message: str,
        found: str,
        accepted: str,
        *,
        at: Path,
        severity: Severity = Severity.ERROR,
        see: tuple[Location, ...] = (),
        instead: str = "",
        causes: tuple[Path, ...] = (),
        is_as_written: bool = False,
    ) -> Finding:
        """Make a finding at a declared path.

        `instead` is YAML as `yaml_writing` writes it. A mistake at one of `causes` explains the finding.
        A path from `data` `is_as_written`; one from `declared` may differ.
        """
        texts = (on_one_line(message), on_one_line(found), on_one_line(accepted))
        place = self.places.at(*(at if is_as_written else self.as_written(at)))
        if causes:
            return Consequence(place, *texts, severity=severity, see=see, instead=instead, causes=causes)
        return Finding(place, *texts, severity=severity, see=see, instead=instead)


def _without_malformed_grants(
    value: Any, kind: Any, errors: Sequence[Path]
) -> tuple[Any, tuple[int, ...]] | None:
    """Give a holder without its malformed grants, and the index of each other one; None if more of it is malformed."""
    if not all(len(each) > 1 and each[0] == "grants" and isinstance(each[1], int) for each in errors):
        return None
    kept = tuple(at for at in range(len(value["grants"])) if at not in {each[1] for each in errors})
    try:
        return _validated(kind, {**value, "grants": tuple(value["grants"][at] for at in kept)}), kept
    except ValidationError:
        return None


def draft_of(declarations: Declarations, today: date, **more: Any) -> Draft:
    """Make a draft of complete declarations; `more` are further fields of the draft."""
    if "data" not in more:
        more["data"] = declarations.model_dump(by_alias=True, exclude_none=True)
    names = {section: getattr(declarations, section) for section in SINGULAR}
    return Draft(today=today, declared=declarations, names=names, **more)


def draft_of_sections(sections: Mapping[str, Any], today: date, **more: Any) -> Draft:
    """Make a draft of validated sections alone; the other sections are empty."""
    # Without validation: each section has been validated, and required ones may be missing.
    return Draft(today=today, declared=Declarations.model_construct(**sections), **more)


def draft(
    whole: MappingNode, places: Places, today: date, folder: pathlib.Path
) -> tuple[Declarations | None, Draft, list[Finding]]:
    """Validate the merged YAML: give the declarations if all of it is well formed, a draft, and the mistakes."""
    data = plain(whole)
    try:
        declarations = Declarations.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        from keywright.model.source.validation import validation_findings  # noqa: PLC0415 - needed for mistakes only

        details = error.errors(include_url=False, include_input=False)
        # The checks use an entry as a whole, without its malformed grants, or not at all.
        malformed: dict[Path, list[Path]] = {}
        for each in details:
            malformed.setdefault(tuple(each["loc"][:2]), []).append(tuple(each["loc"][2:]))
        return (
            None,
            _well_formed(data, malformed, today, folder, places),
            validation_findings(details, places),
        )
    return declarations, draft_of(declarations, today, folder=folder, places=places, data=data), []


def _well_formed(
    data: dict[str, Any],
    malformed: Mapping[Path, list[Path]],
    today: date,
    folder: pathlib.Path,
    places: Places,
) -> Draft:
    sections: dict[str, Any] = {}
    positions: dict[str, tuple[int, ...]] = {}
    grants: dict[Path, tuple[int, ...]] = {}
    for section, info in Declarations.model_fields.items():
        if section not in data or (section,) in malformed:
            continue
        kind, value = _type_of_entries(info.annotation), data[section]
        if get_origin(info.annotation) is dict:
            names = [name for name in value if (section, name) not in malformed]
            sections[section] = {name: _validated(kind, value[name]) for name in names}
            for name in (each for each in value if (section, each) in malformed):
                if partly := _without_malformed_grants(value[name], kind, malformed[section, name]):
                    sections[section][name], grants[section, name] = partly
        elif get_origin(info.annotation) is tuple:
            positions[section] = tuple(at for at in range(len(value)) if (section, at) not in malformed)
            sections[section] = tuple(_validated(kind, value[at]) for at in positions[section])
        elif not any(path[0] == section for path in malformed):
            sections[section] = _validated(kind, value)
    return draft_of_sections(
        sections,
        today,
        positions=positions,
        grants=grants,
        names={section: _names(data, section) for section in SINGULAR},
        data={section: value for section, value in data.items() if value is not NOTHING},
        folder=folder,
        places=places,
    )


def _names(data: Mapping[str, Any], section: str) -> tuple[str, ...]:
    """Give the names that a section declares, also if its own name is misspelled."""
    value = data.get(section, ())
    if section not in data:
        unknown = [each for each in data if each not in Declarations.model_fields]
        value = data[near[0]] if (near := get_close_matches(section, unknown, n=1)) else ()
    return tuple(value) if isinstance(value, dict | tuple) else AnyName()


def _type_of_entries(annotation: Any) -> Any:
    """Give the type of a section that is one thing, or of the entries of a mapping or list."""
    arguments = [each for each in get_args(annotation) if each not in (Ellipsis, NoneType)]
    return arguments[-1] if arguments else annotation


def _validated(kind: Any, value: Any) -> Any:
    return kind.model_validate(value, by_alias=True, by_name=False)
