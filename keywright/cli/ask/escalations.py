"""`keywright escalations`: the paths to more privilege, step by step."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import Today, day


def command(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="ASSEMBLY-or-TEMPLATE", help="A cdk.out, a folder of templates, or a template."
        ),
    ],
    *,
    excepted: Annotated[
        list[str] | None,
        typer.Option(
            "--except",
            metavar="PRINCIPAL",
            help="Who may do everything, or come to it, on purpose: `role/break-glass`, or an ARN. Repeatable.",
        ),
    ] = None,
    today: Today = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="For people, or one JSON document.")
    ] = ReportFormat.TEXT,
) -> int:
    """Find the paths to more privilege, through groups, roles and services, the shortest first.

    Each argument is read on its own; a folder's templates are read together. A template is not the whole account: a
    path whose target may lie outside counts, and says what must exist. Whoever may do everything already is listed
    too; --except leaves out those who are meant to.

    Exit code: 2 when an input is unusable, 1 when a path is listed, 3 when something is undecided, else 0.
    """
    from keywright.cli.ask.escalations_run import escalating

    return escalating(inputs, excepted or [], day(today), form)
