"""`keywright onboard`: the sheet for a newcomer."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.clock import Today, day
from keywright.model.in_force import in_force
from keywright.model.nearest import nearest
from keywright.model.reading import read
from keywright.model.sign_in_sheet import sign_in_sheet


def command(
    user: Annotated[
        str, typer.Argument(metavar="USER", help="The declared name of a person or application.")
    ],
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    today: Today = None,
) -> int:
    """Print the sign-in sheet of a user, in Markdown: address, user name, first steps, access.

    It names where the first password waits and holds no secret.
    """
    judged_on = day(today)
    reading = read(folder, judged_on)
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return 1 if reading.usable else 2
    declarations = in_force(reading.declarations, judged_on, reading.places).declarations
    ours = [name for name, each in declarations.users.items() if not each.existing]
    if user not in ours:
        offered = ", ".join(f"`{name}`" for name in nearest(user, ours)) or "a declared user"
        print(f"{folder}: nobody of ours is called so; found `{user}`; accepted: {offered}", file=sys.stderr)
        return 1
    print(sign_in_sheet(user, declarations), end="")
    return 0
