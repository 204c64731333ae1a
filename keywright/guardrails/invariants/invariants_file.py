"""Invariants in a file beside templates, with `never:` and `always:` as in the declarations.

Names in it are declared names, physical names, logical ids (`bucket/ReportsBucket`) or ARNs.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from keywright.assembly.sources.manifest import INVARIANTS
from keywright.guardrails.invariants.record import LARGEST, NO_INVARIANTS, Invariants, recorded_invariants
from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from keywright.guardrails.results import CheckResult
    from keywright.model.source.yaml_tree import MappingNode, Node

_SECTIONS = ("never", "always")


def invariants_at(path: Path, file: Path | None = None) -> Invariants:
    """Return the invariants of an assembly or template: those of its synthesis, and those of a file."""
    own = recorded_invariants(path) if path.is_dir() else NO_INVARIANTS
    return own.and_also(read_invariants(file or _invariants_file_for(path), must_exist=file is not None))


def read_invariants(path: Path, *, must_exist: bool = False) -> Invariants:
    """Read a file; without one there are no invariants, unless it must exist. Every mistake has its location."""
    shown = Location(str(path))
    try:
        if not path.is_file():
            missing = (Finding(shown, "there is no such file"),)
            return Invariants(findings=missing) if must_exist else NO_INVARIANTS
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return Invariants(findings=(Finding(shown, f"the invariants cannot be read: {error}"),))
    if len(content) > LARGEST:
        too_large = Finding(shown, "the file is too large", accepted=f"at most {LARGEST} bytes")
        return Invariants(findings=(too_large,))
    from keywright.model.source.yaml_text import parse  # noqa: PLC0415 - most templates have no such file

    document = parse(text, str(path))
    refused = tuple(document.findings) or tuple(_misplaced(document.root, shown))
    return Invariants(findings=refused) if refused else _typed(document.root)  # type: ignore[arg-type]


def _misplaced(root: Node | None, shown: Location) -> list[Finding]:
    from keywright.model.fields.nearest import nearest  # noqa: PLC0415 - as above
    from keywright.model.source.yaml_tree import MappingNode, place  # noqa: PLC0415
    from keywright.reporting.text import listed, quoted  # noqa: PLC0415

    if not isinstance(root, MappingNode):
        at = place(root) if root is not None else shown
        return [Finding(at, "the file has no invariants", accepted="lists under `never:` and `always:`")]
    return [
        Finding(place(key), "unknown section", quoted(name), listed(nearest(name, _SECTIONS)))
        for name, key in root.keys.items()
        if name not in _SECTIONS
    ]


def _typed(root: MappingNode) -> Invariants:
    from pydantic import ValidationError  # noqa: PLC0415 - as above

    from keywright.guardrails.invariants.declared import as_declared  # noqa: PLC0415
    from keywright.model.checks.invariants import check_names  # noqa: PLC0415
    from keywright.model.draft import draft_of_sections  # noqa: PLC0415
    from keywright.model.invariants import InvariantLists  # noqa: PLC0415
    from keywright.model.source.places import Places  # noqa: PLC0415
    from keywright.model.source.validation import validation_findings  # noqa: PLC0415
    from keywright.model.source.yaml_tree import plain  # noqa: PLC0415

    places = Places(root)
    try:
        lists = InvariantLists.model_validate(plain(root), by_alias=True, by_name=False)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return Invariants(findings=tuple(validation_findings(details, places)))
    declared = (
        *(as_declared(each, places.at("never", index)) for index, each in enumerate(lists.never)),
        *(as_declared(each, places.at("always", index)) for index, each in enumerate(lists.always)),
    )
    draft = draft_of_sections({"never": lists.never, "always": lists.always}, date.min, places=places)
    return Invariants(declared, findings=tuple(check_names(draft)))


def with_unknown_names(
    paths: Sequence[Path], results: Sequence[CheckResult], file: Path | None
) -> list[CheckResult]:
    """Report names that no template has to which a file of invariants applies."""
    files = [file or _invariants_file_for(path) for path in paths]
    found = list(results)
    for each in dict.fromkeys(files):
        together = [place for place, its in enumerate(files) if its == each]
        unknown = [{_key(one): one for one in results[place].unknown_names} for place in together]
        in_no_template = set(unknown[0]).intersection(*unknown)
        if in_no_template:
            first = found[together[0]]
            refused = tuple(one for key, one in unknown[0].items() if key in in_no_template)
            found[together[0]] = replace(first, unusable=(*first.unusable, *refused))
    return found


def _key(finding: Finding) -> tuple[Location, str]:
    return finding.location, finding.found


def _invariants_file_for(path: Path) -> Path:
    return (path if path.is_dir() else path.parent) / INVARIANTS
