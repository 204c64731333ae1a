"""How `keywright check` writes what it found: for people with colours, for programs without."""

from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from keywright.cli import terminal
from keywright.cli.formats import CheckFormat
from keywright.guardrails.reports.rendering import render_github, render_json, render_text
from keywright.guardrails.results import CheckResult
from keywright.reporting.output_file import write_whole
from keywright.reporting.text import printable

COLOURS = {"error": "red", "warning": "yellow", "advice": "blue", "undecided": "magenta"}


def rendered(judgements: Sequence[CheckResult], form: CheckFormat, *, strict: bool) -> str:
    """Write findings in a format."""
    match form:
        case CheckFormat.SARIF:
            from keywright.guardrails.reports.sarif import render_sarif

            return render_sarif(judgements)
        case CheckFormat.JUNIT:
            from keywright.guardrails.reports.junit import render_junit

            return render_junit(judgements, strict=strict)
        case CheckFormat.JSON:
            return render_json(judgements)
        case CheckFormat.GITHUB:
            return render_github(judgements)
        case _:
            return render_text(judgements)


def shown(report: str, output: Path | None, coloured: Callable[[str], str] = str) -> bool:
    """Show a report, coloured where somebody sees it, or write it to a file; tell whether that could be done."""
    if output is None:
        typer.echo(coloured(report) if terminal.colours_wanted() else report)
        return True
    try:
        write_whole(output, f"{report}\n".encode())
    except OSError as error:
        typer.echo(f"{printable(str(output))}: the report cannot be written: {error.strerror}", err=True)
        return False
    return True


def coloured(report: str) -> str:
    """Colour what a finding weighs."""
    return "\n".join(_coloured_line(line) for line in report.split("\n"))


def _coloured_line(line: str) -> str:
    for said, colour in COLOURS.items():
        if line.startswith((f"  {said} ", f"  {said}:")):
            return f"  {typer.style(said, fg=colour, bold=True)}{line.removeprefix(f'  {said}')}"
    return line
