"""What `keywright verify` does: look at the account, and tell what differs."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from keywright.cli import terminal
from keywright.cli.declare.validate_run import in_line
from keywright.cli.formats import ReportFormat
from keywright.live.session import UnreadableAccountError, look
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.reporting.finding import Finding, Severity


def verify(folder: Path, judged_on: date, endpoint_url: str | None, form: ReportFormat) -> int:
    """Compare the account with the declarations, and give the exit code."""
    reading = read(folder, judged_on)
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return 1 if reading.usable else 2
    declarations = in_force(reading.declarations, judged_on, reading.places).declarations
    try:
        findings = look(declarations, reading.places, endpoint_url, today=judged_on)
    except UnreadableAccountError as error:
        print(f"account {declarations.account.id}: {error}", file=sys.stderr)
        return error.exit_code
    print(_as_json(findings) if form is ReportFormat.JSON else _as_text(findings, declarations.account.id))
    return 1 if _differences(findings) else 0


def _differences(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def _as_text(findings: list[Finding], account: str) -> str:
    colour = terminal.colours_wanted()
    lines = [in_line(finding, colour=colour) for finding in findings]
    number = len(_differences(findings))
    verdict = "is as declared" if not number else f"differs in {number} place{'' if number == 1 else 's'}"
    return "\n".join([*lines, f"account {account} {verdict}"])


def _as_json(findings: list[Finding]) -> str:
    listed = [_facts(finding) for finding in findings]
    return json.dumps({"as_declared": not _differences(findings), "findings": listed}, indent=2)


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.location.file,
        "line": finding.location.line,
        "column": finding.location.column,
        "severity": str(finding.severity),
        "message": finding.message,
        "found": finding.found,
        "accepted": finding.accepted,
    }
