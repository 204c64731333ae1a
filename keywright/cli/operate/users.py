"""`keywright users`: which users could be roles or people in IAM Identity Center."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import UsersFormat
from keywright.cli.options import Output, Today


def command(
    snapshot: Annotated[
        Path,
        typer.Argument(metavar="SNAPSHOT", help="A file that `keywright snapshot` wrote."),
    ],
    *,
    access: Annotated[
        Path | None,
        typer.Option(
            "--access",
            metavar="DIR",
            show_default=False,
            help="The folder of the account's declarations, if there is one: what it tells of users is used too.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            show_default=False,
            help="Only this user, such as `user/alice` or `user/ci-*`. Repeatable.",
        ),
    ] = None,
    form: Annotated[UsersFormat, typer.Option("--format", help="The output format.")] = UsersFormat.TEXT,
    output: Output = None,
    today: Today = None,
) -> int:
    """List the IAM users of an account that could be roles or people in IAM Identity Center, with the declaration of each.

    The riskiest come first (privilege, passwords without MFA, old keys), and of equally risky ones the easiest. Nothing is
    changed in AWS or in the declarations. Ages are counted on the day of the snapshot.

    Exit codes: 0 no user to replace or remove, 1 some, 2 unusable input, 3 none known, but something is unknown.
    """
    from keywright.cli.operate.users_run import Given, report_users

    day = today.date() if today is not None else None
    return report_users(Given(snapshot, access, tuple(only or ()), day), form, output)
