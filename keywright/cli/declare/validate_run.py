"""What `keywright validate` does: read, weigh, tell."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import typer

from keywright.cli import terminal
from keywright.cli.formats import ReportFormat
from keywright.model.declarations import Declarations
from keywright.model.reading import Reading, read
from keywright.reporting.finding import Finding, Location, Severity, in_reading_order, weighed


def judged(folder: Path, judged_on: date, form: ReportFormat, *, strict: bool) -> int:
    """Read, print what was found, give the exit code."""
    reading = measured(read(folder, judged_on), judged_on)
    if form is ReportFormat.JSON:
        print(json.dumps(as_json(reading, judged_on, strict=strict), indent=2))
    else:
        for finding in reading.findings:
            print(in_line(finding, colour=terminal.colours_wanted()))
            print(*in_place(finding), sep="\n", end="\n" if finding.instead else "")
        print(summary(reading, folder, strict=strict))
    return exit_code(reading, strict=strict)


def measured(reading: Reading, judged_on: date) -> Reading:
    """Add what IAM would find too long; without any mistake in them, declarations become documents."""
    if reading.declarations is None:
        return reading
    from keywright.statements.sizes import check

    long = list(check(reading.declarations, judged_on, reading.places))
    return replace(reading, findings=in_reading_order([*reading.findings, *long])) if long else reading


def exit_code(reading: Reading, *, strict: bool) -> int:
    """Give 2 when a part could not be read at all, 1 for mistakes, 0 else."""
    if not reading.usable:
        return 2
    return 1 if mistakes(reading, strict=strict) else 0


def mistakes(reading: Reading, *, strict: bool) -> list[Finding]:
    """Give the findings that refuse: errors, and in strict mode warnings; never mere advice."""
    refusing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return [finding for finding in reading.findings if finding.severity in refusing]


def in_line(finding: Finding, *, colour: bool) -> str:
    """Write a finding on one line; what does not refuse says so."""
    line = weighed(finding)
    if not colour:
        return line
    place, colon, words = line.partition(": ")
    hue = typer.colors.RED if finding.severity is Severity.ERROR else typer.colors.YELLOW
    return f"{typer.style(place, fg=hue, bold=True)}{colon}{words}"


def in_place(finding: Finding) -> list[str]:
    """Write what could stand in place of what was found, to be copied."""
    if not finding.instead:
        return []
    return [
        "    instead, in any file of the folder:",
        *(f"      {line}" for line in finding.instead.splitlines()),
    ]


def summary(reading: Reading, folder: Path, *, strict: bool) -> str:
    """Say in one line how it ended."""
    refusing = mistakes(reading, strict=strict)
    others = Counter(finding.severity for finding in reading.findings if finding not in refusing)
    rest = [_count(others[kind], str(kind)) for kind in (Severity.WARNING, Severity.ADVICE) if others[kind]]
    if refusing or reading.declarations is None:
        files = len({finding.location.file for finding in refusing})
        counted = " and ".join([_count(len(refusing), "mistake"), *rest])
        return f"{counted} in {_count(files, 'file')}; nothing was written"
    end = " and ".join(rest) or "no mistakes"
    return f"{folder.as_posix()}: {in_numbers(reading.declarations)}; {end}"


def in_numbers(declarations: Declarations) -> str:
    """Say what is declared, and how much of it."""
    account = declarations.account
    parts = [_count(number, thing) for thing, number in numbers(declarations).items() if number]
    return f"account {account.id} in {account.region}: {', '.join(parts) or 'nothing in it'}"


def numbers(declarations: Declarations) -> dict[str, int]:
    """Count what is declared, by kind."""
    people = sum(user.person is not None for user in declarations.users.values())
    applications = sum(user.application is not None for user in declarations.users.values())
    return {
        "person": people,
        "application": applications,
        "existing user": len(declarations.users) - people - applications,
        "group": len(declarations.groups),
        "role": len(declarations.roles),
        "workload": len(declarations.workloads),
        "policy": len(declarations.policies),
        "bucket": len(declarations.buckets),
        "identity provider": len(declarations.identity_providers),
        "permission set": len(declarations.permission_sets),
        "trust anchor": len(declarations.trust_anchors),
        "invariant": len(declarations.never) + len(declarations.always),
        "exception": len(declarations.exceptions),
    }


def _count(number: int, thing: str) -> str:
    plurals = {"person": "people", "policy": "policies", "advice": "pieces of advice"}
    one = {"advice": "piece of advice"}
    return f"{number} {one.get(thing, thing) if number == 1 else plurals.get(thing, f'{thing}s')}"


def as_json(reading: Reading, today: date, *, strict: bool) -> dict[str, Any]:
    """Give the whole answer as data."""
    return {
        "valid": reading.usable and not mistakes(reading, strict=strict),
        "strict": strict,
        "today": today.isoformat(),
        "declared": numbers(reading.declarations) if reading.declarations else None,
        "findings": [_finding(finding) for finding in reading.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        **_location(finding.location),
        "severity": str(finding.severity),
        "message": finding.message,
        "found": finding.found,
        "accepted": finding.accepted,
        "instead": finding.instead,
        "see": _locations(finding.see),
    }


def _locations(locations: Sequence[Location]) -> list[dict[str, Any]]:
    return [_location(each) for each in locations]


def _location(location: Location) -> dict[str, Any]:
    return {"file": location.file, "line": location.line, "column": location.column}
