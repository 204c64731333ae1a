"""`keywright exceptions`: the accepted findings, with reason, end date and days left."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import ACCESS, Form, Today, day
from keywright.reporting.exit_codes import FINDINGS, GOOD, UNUSABLE
from keywright.reporting.finding import Finding, Location, Severity
from keywright.reporting.text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_FILE = "keywright-exceptions.yaml"


def command(
    place: Annotated[
        Path,
        typer.Argument(
            metavar="DIR-or-FILE",
            help=f"The folder of declarations, or a {_FILE} or its folder.",
        ),
    ] = ACCESS,
    *,
    today: Today = None,
    form: Form = ReportFormat.TEXT,
) -> int:
    """List the accepted findings; those that end first come first.

    Exit codes: 0 all exceptions apply, 1 an exception has ended or a declaration is wrong, 2 unusable input.
    """
    now = day(today)
    is_declarations = place.is_dir() and not (place / _FILE).is_file()
    found, mistakes, usable = _declared(place, now) if is_declarations else _beside_templates(place)
    found.sort(key=lambda each: (each.until, each.location))
    if form is ReportFormat.JSON:
        typer.echo(json.dumps(_as_json(found, mistakes, now), indent=2))
    else:
        typer.echo("\n".join(map(printable, (*map(str, mistakes), *_lines(found, now)))))
    if not usable:
        return UNUSABLE
    return FINDINGS if mistakes or any(each.days_left(now) < 0 for each in found) else GOOD


@dataclass(frozen=True)
class _Accepted:
    """An exception, from the declarations or from a file beside templates."""

    rule: str
    on: str
    finding: str
    because: str
    owner: str
    until: "date"
    location: Location

    def days_left(self, today: "date") -> int:
        """Count the days after today on which it still applies; below zero it has ended."""
        return (self.until - today).days


_Found = tuple[list[_Accepted], list[Finding], bool]
"""The exceptions, the mistakes, and whether the input can be used."""


def _declared(folder: Path, today: "date") -> _Found:
    from keywright.guardrails.exceptions.acknowledgements import exception_locator
    from keywright.model.accepted_findings import accepted_by_adoption, accepted_by_break_glass
    from keywright.model.account.break_glass import BREAK_GLASS, BreakGlass
    from keywright.model.reading import read

    reading = read(folder, today)
    errors = [each for each in reading.findings if each.severity is Severity.ERROR]
    if reading.declarations is None:
        return [], errors, reading.usable
    declarations, locate = reading.declarations, exception_locator(reading.places)
    found = [
        _Accepted(
            rule=each.rule,
            on=each.on,
            finding=each.finding or "",
            because=each.because,
            owner="",
            until=each.until,
            location=locate(each),
        )
        for each in declarations.exceptions
    ]
    accepted = declarations.account.break_glass
    if isinstance(accepted, BreakGlass):
        implied = accepted_by_break_glass(declarations.account, declarations.roles)
        found.append(
            _Accepted(
                rule="break_glass",
                on=accepted.role,
                finding=", ".join(each.rule for each in implied),
                because=accepted.because,
                owner="",
                until=accepted.until,
                location=reading.places.key(*BREAK_GLASS),
            )
        )
    for each in accepted_by_adoption(declarations):
        kind, _, name = each.on.partition("/")
        found.append(
            _Accepted(
                rule=each.rule,
                on=each.on,
                finding=each.finding or "",
                because=each.because,
                owner="",
                until=each.until,
                location=reading.places.key(f"{kind}s", name, "adopted"),
            )
        )
    return found, errors, True


def _beside_templates(place: Path) -> _Found:
    from keywright.guardrails.exceptions.exceptions_file import read_exceptions

    file = place / _FILE if place.is_dir() else place
    if not file.is_file():
        return [], [Finding(Location(str(file)), "there is no such file")], False
    given, mistakes = read_exceptions(file)
    found = [
        _Accepted(each.rule, each.on, each.finding, each.because, each.owner, each.until, each.location)
        for each in given
    ]
    return found, mistakes, not mistakes


def _lines(found: list[_Accepted], today: "date") -> "Iterator[str]":
    from keywright.model.fields.dates import NOTICE

    for each in found:
        finding = f": {each.finding}" if each.finding else ""
        owner = f" ({each.owner})" if each.owner else ""
        yield f"{each.until} {_left(each.days_left(today))}  {each.rule} on {each.on}{finding}"
        yield f"    {each.because}{owner}"
        yield f"    at {each.location}"
    ended = sum(each.days_left(today) < 0 for each in found)
    soon = sum(0 <= each.days_left(today) <= NOTICE.days for each in found)
    yield f"{counted(len(found), 'exception')}: {ended} ended, {soon} within {NOTICE.days} days of the end"


def _left(days: int) -> str:
    return f"ended {counted(-days, 'day')} ago" if days < 0 else f"{counted(days, 'day')} left"


def _as_json(found: list[_Accepted], mistakes: list[Finding], today: "date") -> dict[str, Any]:
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
            for each in found
        ],
        "mistakes": [str(each) for each in mistakes],
    }
