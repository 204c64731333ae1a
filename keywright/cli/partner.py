"""`keywright partner`: the sheet for another account, and external IDs for new ones."""

import sys
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from keywright.cli.clock import Today, day
from keywright.model.in_force import in_force
from keywright.model.nearest import nearest
from keywright.model.partner_sheet import partner_sheet, trusts_of_partners
from keywright.model.quoting import printable
from keywright.model.reading import read


def command(
    role: Annotated[
        str | None,
        typer.Argument(metavar="[ROLE]", help="The declared name of a role that a partner assumes."),
    ] = None,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder of declarations.")] = Path(
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
    judged_on = day(today)
    reading = read(folder, judged_on)
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return 1 if reading.usable else 2
    declarations = in_force(reading.declarations, judged_on, reading.places).declarations
    ours = [name for name, each in declarations.roles.items() if trusts_of_partners(each)]
    if role not in ours:
        offered = ", ".join(f"`{name}`" for name in nearest(role, ours)) or "a role that trusts an `account`"
        found = printable(role)
        print(
            f"{folder}: no partner assumes such a role; found `{found}`; accepted: {offered}", file=sys.stderr
        )
        return 1
    print(partner_sheet(role, declarations), end="")
    return 0
