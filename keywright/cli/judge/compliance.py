"""`keywright compliance`: how the account meets the controls of a framework on identities, with evidence."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ComplianceFormat
from keywright.cli.options import Output, Today, day


class Framework(StrEnum):
    """The frameworks."""

    CIS = "cis-aws-foundations-5.0.0"


def command(
    assembly: Annotated[
        Path | None,
        typer.Argument(
            metavar="ASSEMBLY-or-TEMPLATE",
            help="A cdk.out, a folder of templates, or a template, as evidence. Default: the declarations only.",
        ),
    ] = None,
    *,
    access: Annotated[
        Path | None,
        typer.Option(
            "--access",
            metavar="DIR",
            help="The folder of declarations. Default: `access`, unless the templates are not ours.",
        ),
    ] = None,
    own: Annotated[
        bool,
        typer.Option("--own", help="Treat templates that a synthesis of yours wrote elsewhere as ours."),
    ] = False,
    framework: Annotated[Framework, typer.Option(help="The framework.")] = Framework.CIS,
    today: Today = None,
    form: Annotated[
        ComplianceFormat, typer.Option("--format", help="The output format.")
    ] = ComplianceFormat.TEXT,
    output: Output = None,
) -> int:
    """Report how the account meets the CIS AWS Foundations Benchmark's controls on identities, with evidence.

    The evidence is read from the templates and proved by the policy engine. A control that no template can enforce says
    why, and how to check it in the account.

    Exit codes: 0 no control fails, 1 a control is not met, 2 unusable input, 3 a control is undecided.
    """
    from keywright.cli.judge.compliance_run import report_on, write
    from keywright.compliance.assessment import exit_code

    report = report_on(assembly, access, framework.value, day(today), own=own)
    write(report, form, output)
    return exit_code(report.controls)
