"""`keywright onboard`: the sheet for a newcomer."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.options import Today, day


def command(
    user: Annotated[
        str, typer.Argument(metavar="USER", help="The declared name of a person or application.")
    ],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    today: Today = None,
) -> int:
    """Print the sign-in sheet of a user, in Markdown: address, user name, first steps, access.

    It names where the first password waits and holds no secret.
    """
    from keywright.cli.operate.onboard_run import onboard

    return onboard(user, folder, day(today))
