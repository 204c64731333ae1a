"""Which assemblies' acceptances are believed: those with a valid signature of this user's synthesis."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from keywright.guardrails.exceptions.acknowledgements import Record
from keywright.guardrails.exceptions.signature import Doubt, doubt_about, is_signed
from keywright.reporting.finding import Finding, Location, Severity

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Assembly


@dataclass(frozen=True)
class Believed:
    """The record of a synthesis, if it is believed; else perhaps a note that says why not."""

    record: Record | None = None
    note: Finding | None = None


def believed(path: Path, assembly: Assembly) -> Believed:
    """Return what an assembly records of its synthesis; nothing for templates that no synthesis of ours wrote."""
    record = Record.read(path) if path.is_dir() else None
    if record is None:
        return Believed()
    doubt = doubt_about(path) or _unsigned_template(path, assembly)
    return Believed(record) if doubt is None else Believed(note=_note(path, doubt))


def _unsigned_template(path: Path, assembly: Assembly) -> Doubt | None:
    """Report a template that a manifest names and the signature does not include, such as one in a folder of assets."""
    root = path.resolve()
    files = {Path(each.source.file).resolve() for each in assembly.templates}
    inside = [each.relative_to(root).as_posix() for each in files if each.is_relative_to(root)]
    if len(inside) == len(files) and is_signed(path, inside):
        return None
    return Doubt(
        "the assembly has a template that its signature does not include", "", "`--own` if you trust it"
    )


def _note(path: Path, doubt: Doubt) -> Finding:
    return Finding(
        Location(path.as_posix()),
        f"{doubt.message}, so the findings that it accepts are reported",
        doubt.found,
        doubt.accepted,
        severity=Severity.ADVICE,
    )
