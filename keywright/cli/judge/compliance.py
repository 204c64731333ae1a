"""`keywright compliance`: the controls of a framework on identities, each with what enforces it, or what is left."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ComplianceFormat
from keywright.cli.options import Today, day
from keywright.reporting.text import printable


class Framework(StrEnum):
    """The frameworks that there are."""

    CIS = "cis-aws-foundations-5.0.0"


def command(
    assembly: Annotated[
        Path | None,
        typer.Argument(
            metavar="ASSEMBLY-or-TEMPLATE",
            help="A cdk.out, a folder of templates, or a template: the evidence. Without it, what is declared.",
        ),
    ] = None,
    *,
    access: Annotated[
        Path | None,
        typer.Option(
            "--access",
            metavar="DIR",
            help="The folder of declarations; `access` where the templates are ours and no other is given.",
        ),
    ] = None,
    framework: Annotated[Framework, typer.Option(help="Whose controls.")] = Framework.CIS,
    today: Today = None,
    form: Annotated[
        ComplianceFormat, typer.Option("--format", help="How to write the report.")
    ] = ComplianceFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the report to a file.")
    ] = None,
) -> int:
    """Report how the controls of the CIS AWS Foundations Benchmark on identities stand, with evidence.

    Evidence is read from the templates and proved by the policy engine. What no template can enforce says why, and how
    to look in the account.

    Exit code: 2 when the input is unusable, 1 when a control is not met, 3 when one cannot be told, else 0.
    """
    from keywright.cli.judge import compliance_run

    try:
        report = compliance_run.complied(assembly, access, framework.value, day(today))
    except compliance_run.UnusableError as error:
        typer.echo(printable(str(error)), err=True)
        return 2
    return compliance_run.exit_code(report.controls) if compliance_run.put(report, form, output) else 2
