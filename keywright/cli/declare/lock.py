"""`keywright lock`: pin which actions the access levels give, so that AWS's news widens nobody's access unseen."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.options import Today, day


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Take what the catalogue has today for what is locked already.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; 1 when the file would change.")
    ] = False,
    today: Today = None,
) -> int:
    """Pin the actions that `allow:` grants in access/actions.lock, and show what changes.

    Adds what declarations need and takes out what none needs any more. What is pinned stays as it is, whatever AWS adds to
    a level, until `--upgrade` takes it: only then somebody may do more, and each action that comes or goes is shown.
    """
    from keywright.cli.declare.lock_run import lock

    return lock(folder, day(today), upgrade=upgrade, check=check)
