"""`keywright verify`: compares the account with the declarations."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import ACCESS, EndpointUrl, Folder, Form, Today, day
from keywright.reporting.exit_codes import FINDINGS, GOOD
from keywright.reporting.finding import Finding, Severity, with_severity
from keywright.reporting.text import counted


def command(
    folder: Folder = ACCESS,
    *,
    today: Today = None,
    all_paths: Annotated[
        bool,
        typer.Option("--all-paths", help="List the users outside the declared path, with their credentials."),
    ] = False,
    endpoint_url: EndpointUrl = None,
    form: Form = ReportFormat.TEXT,
) -> int:
    """Compare the identities that exist in the account with the declarations. Only reads.

    Identities outside the declared path are not compared; undeclared users there are counted. Uses the credentials that
    the AWS CLI would use.

    Exit codes: 0 as declared, 1 something differs, 2 unusable declarations or another account, 3 something could not be
    read.
    """
    findings, account = differences(folder, today, endpoint_url, all_paths=all_paths)
    return report(findings, account, form)


def differences(
    folder: Path, today: datetime | None, endpoint_url: str | None, *, all_paths: bool = False
) -> tuple[list[Finding], str]:
    """Compare, and give the findings and the account.

    Raises:
        CommandError: Unusable declarations, or an account that can't be read.
    """
    from keywright.cli.reading import read_declarations_in_force, reading_account
    from keywright.live.session import verify_account

    declarations, places = read_declarations_in_force(folder, day(today))
    account = declarations.account.id
    with reading_account(account):
        findings = verify_account(declarations, places, endpoint_url, today=day(today), all_paths=all_paths)
    return findings, account


def has_errors(findings: Iterable[Finding]) -> bool:
    """Tell whether something differs from the declarations."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def report(findings: list[Finding], account: str, form: ReportFormat = ReportFormat.TEXT) -> int:
    """Print the findings, and give the exit code."""
    from keywright.cli.terminal import coloured_line, colours_wanted, finding_as_json
    from keywright.live.verification.advice import summarized

    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if form is ReportFormat.JSON:
        print(
            json.dumps(
                {"as_declared": not errors, "findings": list(map(finding_as_json, findings))}, indent=2
            )
        )
    else:
        line = coloured_line if colours_wanted() else with_severity
        verdict = f"differs in {counted(errors, 'place')}" if errors else "is as declared"
        print(*map(line, summarized(findings, account)), f"account {account} {verdict}", sep="\n")
    return FINDINGS if errors else GOOD
