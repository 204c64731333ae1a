"""`keywright partner`: the sheet for another account, and external IDs for new ones."""

import sys
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from keywright.cli.options import Today, day


def command(
    role: Annotated[
        str | None,
        typer.Argument(metavar="ROLE", help="The declared name of a role that a partner assumes."),
    ] = None,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    new: Annotated[
        bool, typer.Option("--new", help="Print a new external ID, for one partner alone.")
    ] = False,
    today: Today = None,
) -> int:
    """Print what a partner needs, in Markdown: the role, its conditions, and what the other side must allow.

    With --new, print an external ID that nobody has.
    """
    if new == (role is not None):
        print("say either a role, or --new", file=sys.stderr)
        return 2
    if role is None:
        print(uuid4())
        return 0
    from keywright.cli.operate.partner_run import introduce

    return introduce(role, folder, day(today))
