"""The work of `keywright compliance`: read declarations and templates, as far as they are given, and report."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import typer

from keywright.cli.errors import CommandError
from keywright.cli.formats import ComplianceFormat
from keywright.cli.options import ACCESS
from keywright.cli.reading import read_templates
from keywright.cli.terminal import print_error, write_report
from keywright.compliance.assessment import assess
from keywright.compliance.framework import framework
from keywright.compliance.input import Input, check_templates, differences
from keywright.compliance.rendering import as_json, as_markdown, as_text
from keywright.compliance.report import Report, Status
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.model.source.places import Places
from keywright.reporting.finding import Severity
from keywright.reporting.text import joined, printable

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from keywright.compliance.input import CheckedTemplates
    from keywright.model.declarations import Declarations

_COLOURS = {
    Status.NOT_MET: "red",
    Status.UNDECIDED: "magenta",
    Status.PARTLY: "yellow",
    Status.BY_HAND: "blue",
    Status.DECLARED: "green",
    Status.ENFORCED: "green",
}
_ROW = re.compile(rf"^(  [\d.]+ +)({'|'.join(Status)})(?= )", re.MULTILINE)
_HEAD = re.compile(rf"^({'|'.join(Status)}):$", re.MULTILINE)


def report_on(
    assembly: Path | None, access: Path | None, name: str, today: date, *, own: bool = False
) -> Report:
    """Check the controls of a framework; with `own`, templates with the record of a synthesis are taken for ours.

    Raises:
        CommandError: There is neither a folder of declarations nor a template, or one can't be used.
    """
    templates = (
        check_templates(read_templates(assembly), assembly, today, own=own) if assembly is not None else None
    )
    if templates is not None and templates.note is not None:
        print_error(f"note: {templates.note}")
    # Declarations say nothing about the templates of others.
    if access is None and (templates is None or (templates.is_ours and ACCESS.is_dir())):
        access = ACCESS
    declarations, places = _declarations(access, today) if access is not None else (None, Places())
    if templates is not None and declarations is not None and templates.is_ours:
        _refuse_others(declarations, templates)
    sources = [f"{access.as_posix()} (account {declarations.account.id})"] if access and declarations else []
    sources += [templates.path.as_posix()] if templates else []
    found = framework(name)
    controls = assess(found, Input(today, declarations, places, templates))
    return Report(found, tuple(sources), today, controls)


def _declarations(access: Path, today: date) -> tuple[Declarations, Places]:
    reading = read(access, today)
    if reading.declarations is None:
        errors = [each for each in reading.findings if each.severity is Severity.ERROR]
        raise CommandError("\n".join(map(str, errors)))
    # An ended identity is still in the templates and can do nothing, so it counts for no control.
    return in_force(reading.declarations, today, reading.places).declarations, reading.places


def _refuse_others(declarations: Declarations, templates: CheckedTemplates) -> None:
    """Refuse templates of other declarations: the report would claim of these what is proved of the others."""
    found = list(differences(declarations, templates.assembly))
    if found:
        raise CommandError(
            f"{templates.path.as_posix()}: the templates do not belong to the declarations; "
            f"found {joined(found, most=1)}; accepted: today's, by `cdk synth`"
        )


def write(report: Report, form: ComplianceFormat, output: Path | None) -> None:
    """Write a report.

    Raises:
        CommandError: The file can't be written.
    """
    match form:
        case ComplianceFormat.JSON:
            write_report(json.dumps(as_json(report), indent=2), output)
        case ComplianceFormat.MARKDOWN:
            write_report(printable(as_markdown(report)), output)
        case ComplianceFormat.TEXT:
            write_report(printable(as_text(report)), output, _coloured)


def _coloured(text: str) -> str:
    rows = _ROW.sub(lambda found: f"{found[1]}{_styled(found[2])}", text)
    return _HEAD.sub(lambda found: f"{_styled(found[1])}:", rows)


def _styled(status: str) -> str:
    return typer.style(status, fg=_COLOURS[Status(status)], bold=True)
