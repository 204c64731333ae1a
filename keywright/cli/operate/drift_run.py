"""What `keywright drift` does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from keywright.account.snapshot import UnusableSnapshotError, read_snapshot
from keywright.assembly.sources.declaration_locations import DeclarationLocations
from keywright.cli.errors import CommandError
from keywright.cli.formats import DriftFormat
from keywright.cli.terminal import write_report
from keywright.drift.compare import compare
from keywright.drift.report.as_json import as_json
from keywright.drift.report.as_sarif import as_sarif
from keywright.drift.report.text import render_markdown, render_text
from keywright.drift.sides import read_declared
from keywright.reporting.finding import Outcome
from keywright.reporting.text import joined

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.templates.template import Assembly
    from keywright.drift.result import DriftReport


def run(path: Path, file: Path, form: DriftFormat, output: Path | None) -> int:
    """Compare, write the report, and give the exit code.

    Raises:
        CommandError: The assembly, the snapshot or the account can't be used.
    """
    snapshot = _saved(file)
    assembly = read_declared(path, snapshot)
    faults = [each for each in assembly.findings if each.outcome is Outcome.FAULT]
    if faults:
        raise CommandError("\n".join(map(str, faults)))
    _require_account(assembly, snapshot)
    report = compare(assembly, snapshot, DeclarationLocations.read(path))
    write_report(_render(report, form), output)
    return report.exit_code


def _saved(file: Path) -> AccountSnapshot:
    try:
        return read_snapshot(file)
    except UnusableSnapshotError as error:
        raise CommandError(error) from error


def _require_account(assembly: Assembly, snapshot: AccountSnapshot) -> None:
    """Refuse another account: everything would be missing in it."""
    stated = {each.account for each in assembly.templates if each.account}
    if snapshot.account and stated and snapshot.account not in stated:
        raise CommandError(
            f"the assembly is that of another account; found {joined(sorted(stated), 'and')}; accepted: {snapshot.account}, "
            "the account that was read"
        )


def _render(report: DriftReport, form: DriftFormat) -> str:
    match form:
        case DriftFormat.JSON:
            return json.dumps(as_json(report), indent=2)
        case DriftFormat.SARIF:
            return json.dumps(as_sarif(report), indent=1)
        case DriftFormat.MARKDOWN:
            return render_markdown(report).rstrip("\n")
        case DriftFormat.TEXT:
            return render_text(report).rstrip("\n")
