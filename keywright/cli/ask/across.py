"""`keywright across`: who of one account comes to act as which role of another, with both sides looked at."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.ask.question import Form
from keywright.cli.formats import ReportFormat
from keywright.cli.options import Today


def command(
    assemblies: Annotated[
        list[Path],
        typer.Argument(
            metavar="ASSEMBLY", help="The cdk.out of each account, or the folder that they lie in."
        ),
    ],
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 where an account's other side is not among them.")
    ] = False,
    today: Today = None,
    form: Form = ReportFormat.TEXT,
) -> int:
    """Say who of one account may assume which role of another: the caller's own policies and the role's trust together.

    What only one side says is told with its place: a trust that nobody can use, a right to assume a role that does not
    let in. What a condition still asks for, such as a second factor, stands beside the name. A request comes over TLS, today.

    Exit code: 0 both sides fit, 1 one side alone says something, 3 with --strict an account is not seen, 2 unusable.
    """
    from keywright.cli.ask.across_run import answer

    return answer(assemblies, form, today, strict=strict)
