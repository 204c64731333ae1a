"""`keywright escalations`: privilege escalation paths, step by step."""

from typing import Annotated

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import Assemblies, Form, Today, day


def command(
    inputs: Assemblies,
    *,
    excepted: Annotated[
        list[str] | None,
        typer.Option(
            "--except",
            metavar="PRINCIPAL",
            help="Leave out a principal that is meant to have full access, such as `role/break-glass`, or an ARN. Repeatable.",
        ),
    ] = None,
    today: Today = None,
    form: Form = ReportFormat.TEXT,
) -> int:
    """Find privilege escalation paths through groups, roles and services, the shortest first.

    Each argument is read on its own; the templates of a folder are read together. A template is not the whole account: a
    path whose target may be outside it counts, and says what must exist. Administrators are listed too, unless --except
    leaves them out.

    Exit codes: 0 no path, 1 a path is listed, 2 unusable input, 3 undecided.
    """
    from keywright.cli.ask.escalations_run import find_escalations

    return find_escalations(inputs, excepted or [], day(today), form)
