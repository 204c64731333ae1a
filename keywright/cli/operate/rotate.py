"""`keywright rotate`: move an application's keys on by one state, in the declarations."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.options import Today, day


def command(
    user: Annotated[str, typer.Argument(metavar="USER", help="The declared name of an application.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    same_day: Annotated[
        bool,
        typer.Option(
            "--same-day", help="The key issued today is deployed and in use: the old one may sleep."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change and write nothing.")] = False,
    today: Today = None,
) -> int:
    """Write the next state of an application's keys into its file; every other character stays.

    Run it once for each deployment: a new key beside the old one, the old one inactive, the old one gone. The
    secret is made by the deployment and never passes through here.
    """
    from keywright.cli.operate.rotate_run import rotate

    return rotate(user, folder, day(today), same_day=same_day, dry_run=dry_run)
