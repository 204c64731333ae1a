"""What is written to the terminal: reports, findings, progress; and whether in colour."""

import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

import typer

from keywright.cli.errors import unwritable
from keywright.reporting.finding import Finding, Severity, with_severity
from keywright.reporting.output_file import write_whole
from keywright.reporting.text import printable

_Thing = TypeVar("_Thing")
_PATIENCE = 0.5
"""Seconds before progress is shown."""


def colours_wanted() -> bool:
    """Tell whether standard output is a terminal with colours whose owner wants them ("NO_COLOR", no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write_report(report: str, output: Path | None, coloured: Callable[[str], str] = str) -> None:
    """Print a report, in colour where that is wanted, or write it to a file.

    Raises:
        CommandError: The file can't be written.
    """
    if output is None:
        typer.echo(coloured(report) if colours_wanted() else report)
    else:
        write_file(output, f"{report}\n")


def write_file(file: Path, text: str) -> None:
    """Write a file, whole or not at all.

    Raises:
        CommandError: It can't be written.
    """
    try:
        write_whole(file, text.encode())
    except OSError as error:
        raise unwritable(file, error) from error


def print_error(*lines: object) -> None:
    """Print lines on standard error."""
    for line in lines:
        typer.echo(printable(str(line)), err=True)


def coloured_line(finding: Finding) -> str:
    """Write a finding on one line, its place in colour."""
    place, colon, words = with_severity(finding).partition(": ")
    hue = typer.colors.RED if finding.severity is Severity.ERROR else typer.colors.YELLOW
    return f"{typer.style(place, fg=hue, bold=True)}{colon}{words}"


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """Give a finding as data."""
    return {
        **asdict(finding.location),
        "severity": str(finding.severity),
        "message": finding.message,
        "found": finding.found,
        "accepted": finding.accepted,
    }


class Progress:
    """Shows on a terminal's standard error how far a long command is; the line is deleted at the end."""

    def __init__(self, total: int, what: str) -> None:
        self._total = total
        self._what = what
        self._done = 0
        self._began = monotonic()
        self._is_shown = False

    def past(self, thing: _Thing) -> _Thing:
        """Count one thing, and give it back."""
        self.advance(1)
        return thing

    def advance(self, number: int) -> None:
        """Count several things."""
        self._done += number
        # A short command would only flicker, and a log must not fill with progress.
        if self._total > 1 and sys.stderr.isatty() and monotonic() - self._began > _PATIENCE:
            sys.stderr.write(f"\r{self._done} of {self._total} {self._what}")
            sys.stderr.flush()
            self._is_shown = True

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Delete the line."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
