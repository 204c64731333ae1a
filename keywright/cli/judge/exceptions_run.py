"""What `keywright exceptions` does: read what is accepted, and list it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typer

from keywright.cli.formats import ReportFormat
from keywright.guardrails.exceptions.acknowledgements import NOWHERE, exception_key, exception_locations
from keywright.guardrails.exceptions.exceptions_file import FILE, read_exceptions
from keywright.model.fields.dates import NOTICE
from keywright.model.reading import read
from keywright.reporting.finding import Finding, Location, Severity
from keywright.reporting.text import printable


@dataclass(frozen=True)
class Listed:
    """An exception, from the declarations or from a file beside templates."""

    rule: str
    on: str
    finding: str
    because: str
    owner: str
    until: date
    location: Location

    def days_left(self, today: date) -> int:
        """Count the days after today on which it still holds; below zero it has ended."""
        return (self.until - today).days


def list_accepted(place: Path, now: date, form: ReportFormat) -> int:
    """List what is accepted, those that end first at the top, and give the exit code."""
    listed, mistakes, usable = _declared(place, now) if _is_declarations(place) else _beside_templates(place)
    listed.sort(key=lambda each: (each.until, each.location))
    if form is ReportFormat.JSON:
        typer.echo(json.dumps(_as_json(listed, mistakes, now), indent=2))
    else:
        typer.echo(printable_lines([*map(str, mistakes), *_lines(listed, now)]))
    if not usable:
        return 2
    return 1 if mistakes or any(each.days_left(now) < 0 for each in listed) else 0


def _is_declarations(place: Path) -> bool:
    return place.is_dir() and not (place / FILE).is_file()


_Found = tuple[list[Listed], list[Finding], bool]


def _declared(folder: Path, today: date) -> _Found:
    reading = read(folder, today)
    wrong = [each for each in reading.findings if each.severity is Severity.ERROR]
    if reading.declarations is None:
        return [], wrong, reading.usable
    places = exception_locations(reading.places)
    listed = [
        Listed(
            each.rule,
            each.on,
            each.finding or "",
            each.because,
            "",
            each.until,
            places.get(exception_key(each), NOWHERE),
        )
        for each in reading.declarations.exceptions
    ]
    return listed, wrong, True


def _beside_templates(place: Path) -> _Found:
    file = place / FILE if place.is_dir() else place
    if not file.is_file():
        return [], [Finding(Location(str(file)), "there is no such file")], False
    given, mistakes = read_exceptions(file)
    listed = [
        Listed(each.rule, each.on, each.finding, each.because, each.owner, each.until, each.location)
        for each in given
    ]
    return listed, mistakes, not mistakes


def _lines(listed: list[Listed], today: date) -> Iterator[str]:
    for each in listed:
        found = f": {each.finding}" if each.finding else ""
        owner = f" ({each.owner})" if each.owner else ""
        yield f"{each.until} {_left(each, today)}  {each.rule} on {each.on}{found}"
        yield f"    {each.because}{owner}"
        yield f"    at {each.location}"
    ended = sum(each.days_left(today) < 0 for each in listed)
    soon = sum(0 <= each.days_left(today) <= NOTICE.days for each in listed)
    count = f"{len(listed)} exception{'' if len(listed) == 1 else 's'}"
    yield f"{count}: {ended} ended, {soon} within {NOTICE.days} days of the end"


def _left(each: Listed, today: date) -> str:
    days = each.days_left(today)
    if days < 0:
        return f"ended {-days} day{'' if days == -1 else 's'} ago"
    return f"{days} day{'' if days == 1 else 's'} left"


def _as_json(listed: list[Listed], mistakes: list[Finding], today: date) -> dict[str, Any]:
    return {
        "exceptions": [
            {
                "rule": each.rule,
                "on": each.on,
                "finding": each.finding,
                "because": each.because,
                "owner": each.owner,
                "until": each.until.isoformat(),
                "days_left": each.days_left(today),
                "file": each.location.file,
                "line": each.location.line,
            }
            for each in listed
        ],
        "mistakes": [str(each) for each in mistakes],
    }


def printable_lines(lines: list[str]) -> str:
    """Show each line's characters; none steers a terminal."""
    return "\n".join(map(printable, lines))
