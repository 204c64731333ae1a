"""The work of `keywright validate`."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.terminal import coloured_line, colours_wanted, finding_as_json
from keywright.model.declarations import Declarations
from keywright.model.reading import Reading, read
from keywright.reporting.exit_codes import FINDINGS, GOOD, INTERRUPTED, UNUSABLE
from keywright.reporting.finding import Finding, Severity, in_reading_order, with_severity
from keywright.reporting.text import counted, joined

_FIRST_RUN = 100
"""Milliseconds to the first run of `--watch`: watching has to begin before it, or a change in between would be missed."""
_CLEAR = "\x1b[2J\x1b[H"


def validate(folder: Path, today: date, form: ReportFormat, *, strict: bool) -> int:
    """Check a folder, print the findings, and give the exit code."""
    reading = _with_sizes(read(folder, today, dates=Severity.ERROR), today)
    refusing = _refusing(reading, strict=strict)
    if form is ReportFormat.JSON:
        print(json.dumps(_as_json(reading, today, strict=strict), indent=2))
    else:
        for finding in reading.findings:
            print(coloured_line(finding) if colours_wanted() else with_severity(finding))
            if finding.instead:
                lines = (f"      {line}" for line in finding.instead.splitlines())
                print("    use instead, in any file of the folder:", *lines, sep="\n")
        print(_summary(reading, folder, refusing))
    if not reading.usable:
        return UNUSABLE
    return FINDINGS if refusing else GOOD


def _with_sizes(reading: Reading, today: date) -> Reading:
    """Add findings on policies that would be too long for IAM; only declarations without errors have policies."""
    if reading.declarations is None:
        return reading
    from keywright.statements.declared.sizes import check_sizes

    long = list(check_sizes(reading.declarations, today, reading.places, reading.lock))
    return replace(reading, findings=in_reading_order([*reading.findings, *long])) if long else reading


def _refusing(reading: Reading, *, strict: bool) -> list[Finding]:
    """Give errors, and in strict mode warnings; never advice."""
    severities = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return [finding for finding in reading.findings if finding.severity in severities]


def _summary(reading: Reading, folder: Path, refusing: list[Finding]) -> str:
    others = Counter(finding.severity for finding in reading.findings if finding not in refusing)
    rest = [counted(others[kind], kind) for kind in (Severity.WARNING, Severity.ADVICE) if others[kind]]
    if refusing or reading.declarations is None:
        files = len({finding.location.file for finding in refusing})
        mistakes = " and ".join([counted(len(refusing), "mistake"), *rest])
        return f"{mistakes} in {counted(files, 'file')}; nothing was written"
    return f"{folder.as_posix()}: {_in_words(reading.declarations)}; {' and '.join(rest) or 'no mistakes'}"


def _in_words(declarations: Declarations) -> str:
    account = declarations.account
    parts = [counted(number, thing) for thing, number in _numbers(declarations).items() if number]
    return f"account {account.id} in {account.region}: {joined(parts, none='nothing in it')}"


def _numbers(declarations: Declarations) -> dict[str, int]:
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


def _as_json(reading: Reading, today: date, *, strict: bool) -> dict[str, Any]:
    return {
        "valid": reading.usable and not _refusing(reading, strict=strict),
        "strict": strict,
        "today": today.isoformat(),
        "declared": _numbers(reading.declarations) if reading.declarations else None,
        "findings": [
            finding_as_json(each) | {"instead": each.instead, "see": list(map(asdict, each.see))}
            for each in reading.findings
        ],
    }


def validate_on_change(folder: Path, run: Callable[[], int]) -> int:
    """Run now and after each change of a file in the folder; give the last exit code when interrupted.

    Changes that come together cause one run. A folder that does not exist can't be watched and is checked once.
    """
    from watchfiles import watch

    if not folder.is_dir():
        return run()
    code = None
    with suppress(KeyboardInterrupt):
        for changes in watch(folder, debounce=200, step=20, rust_timeout=_FIRST_RUN, yield_on_timeout=True):
            # The first round ends without changes, by the timeout, and is the first run.
            if changes or code is None:
                if sys.stdout.isatty():
                    sys.stdout.write(_CLEAR)
                code = run()
                sys.stdout.flush()
                ended = f"{datetime.now(UTC):%H:%M:%S} UTC; watching {folder.as_posix()}, Ctrl-C ends"
                typer.echo(typer.style(ended, dim=True), err=True)
    return INTERRUPTED if code is None else code
