"""What `keywright compliance` looks at: declarations, templates, or both, as far as they can be used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from keywright.assembly.templates.reader import read_assembly
from keywright.cli.formats import ComplianceFormat
from keywright.cli.judge.check_reports import shown
from keywright.compliance.assessment import assess, exit_code
from keywright.compliance.framework import framework
from keywright.compliance.input import CheckedTemplates, Input, check_templates, differences
from keywright.compliance.rendering import as_json, as_markdown, as_text
from keywright.compliance.report import Report, Status
from keywright.model.in_force import in_force
from keywright.model.reading import Reading, read
from keywright.model.source.places import Places
from keywright.reporting.finding import Outcome, Severity
from keywright.reporting.text import printable

if TYPE_CHECKING:
    from datetime import date

    from keywright.model.declarations import Declarations

__all__ = ["UnusableError", "complied", "exit_code", "put"]

ACCESS = Path("access")
COLOURS = {
    Status.NOT_MET: "red",
    Status.UNDECIDED: "magenta",
    Status.PARTLY: "yellow",
    Status.BY_HAND: "blue",
    Status.DECLARED: "green",
    Status.ENFORCED: "green",
}


class UnusableError(Exception):
    """Declarations or templates cannot be used; the message says what and where."""


def complied(assembly: Path | None, given: Path | None, name: str, today: date) -> Report:
    """Judge a framework's controls.

    Raises:
        UnusableError: There is nothing to look at, or something of it cannot be used.
    """
    templates = _templates(assembly, today) if assembly is not None else None
    access = given or (ACCESS if templates is None or _are_of(templates, ACCESS) else None)
    reading = _reading(access, today) if access is not None else None
    declarations = _in_force(reading, today)
    if templates is not None and declarations is not None and templates.is_ours:
        _refuse_others(declarations, templates)
    seen = Input(today, declarations, reading.places if reading else Places(), templates)
    looked_at = (
        [f"{access.as_posix()} (account {declarations.account.id})"] if access and declarations else []
    )
    looked_at += [templates.path.as_posix()] if templates else []
    found = framework(name)
    return Report(found, tuple(looked_at), today, assess(found, seen))


def _are_of(templates: CheckedTemplates, access: Path) -> bool:
    """Tell whether templates may be of the declarations here: ours are, those of strangers have none."""
    return templates.is_ours and access.is_dir()


def _reading(access: Path, today: date) -> Reading:
    reading = read(access, today)
    if reading.declarations is None:
        wrong = [each for each in reading.findings if each.severity is Severity.ERROR]
        raise UnusableError("\n".join(map(str, wrong)))
    return reading


def _in_force(reading: Reading | None, today: date) -> Declarations | None:
    if reading is None or reading.declarations is None:
        return None
    return in_force(reading.declarations, today, reading.places).declarations


def _templates(path: Path, today: date) -> CheckedTemplates:
    assembly = read_assembly(path)
    faults = [each for each in assembly.findings if each.outcome is Outcome.FAULT]
    if faults:
        raise UnusableError("\n".join(map(str, faults)))
    return check_templates(assembly, path, today)


def _refuse_others(declarations: Declarations, templates: CheckedTemplates) -> None:
    """Refuse templates of other declarations: what is proved of them would be claimed of these."""
    found = differences(declarations, templates.assembly)
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise UnusableError(
            f"{templates.path.as_posix()}: the templates are not those of the declarations; "
            f"found {found[0]}{more}; accepted: a synthesis of today's, by `cdk synth`"
        )


def put(report: Report, form: ComplianceFormat, output: Path | None) -> bool:
    """Write a report to where it is wanted; tell whether that could be done."""
    if form is ComplianceFormat.JSON:
        return shown(json.dumps(as_json(report), indent=2), output)
    if form is ComplianceFormat.MARKDOWN:
        return shown(printable(as_markdown(report)), output)
    return shown(printable(as_text(report)), output, _coloured)


_ROW = re.compile(rf"^(  [\d.]+ +)({'|'.join(Status)})(?= )", re.MULTILINE)
_HEAD = re.compile(rf"^({'|'.join(Status)}):$", re.MULTILINE)


def _coloured(text: str) -> str:
    """Colour how each control stands."""
    rows = _ROW.sub(lambda found: f"{found[1]}{_styled(found[2])}", text)
    return _HEAD.sub(lambda found: f"{_styled(found[1])}:", rows)


def _styled(status: str) -> str:
    return typer.style(status, fg=COLOURS[Status(status)], bold=True)
