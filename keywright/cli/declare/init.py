"""`keywright init`: writes a repository of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.options import Today, day

Text = str | None


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The new repository; it may exist if it is empty.")
    ] = Path(),
    *,
    account: Annotated[
        Text, typer.Option("--account", metavar="ID", help="The id of the AWS account: twelve digits.")
    ] = None,
    region: Annotated[
        Text, typer.Option("--region", metavar="REGION", help="The account's main region.")
    ] = None,
    name: Annotated[
        Text,
        typer.Option("--name", metavar="NAME", help="The user name of the first person, an administrator."),
    ] = None,
    email: Annotated[
        Text, typer.Option("--email", metavar="ADDRESS", help="The e-mail address of the first person.")
    ] = None,
    alias: Annotated[
        Text,
        typer.Option("--alias", metavar="ALIAS", help="The account alias, the name in the sign-in address."),
    ] = None,
    git: Annotated[bool, typer.Option("--git", help="Run `git init` in the new repository.")] = False,
    today: Today = None,
) -> int:
    """Write a repository of your own: declarations, app, tests, pinned dependencies, workflows.

    Asks on a terminal for what no option gives. A folder that contains other files than a README, a license, `.git` or
    `.venv` is refused, and nothing is ever overwritten.

    Exit codes: 0 written, 2 a wrong or missing value, or the folder can't be used.
    """
    from keywright.cli.declare.init_run import Given, init

    return init(folder, Given(account, region, name, email, alias), day(today), git=git)
