"""`keywright partner`: what another account needs to assume a role, and new external IDs."""

from typing import Annotated
from uuid import uuid4

import typer

from keywright.cli.errors import CommandError
from keywright.cli.options import ACCESS, Folder, Today, day
from keywright.reporting.exit_codes import GOOD


def command(
    role: Annotated[
        str | None,
        typer.Argument(metavar="ROLE", help="The declared name of a role that a partner assumes."),
    ] = None,
    folder: Folder = ACCESS,
    *,
    new: Annotated[
        bool, typer.Option("--new", help="Print a new external ID, for one partner only.")
    ] = False,
    today: Today = None,
) -> int:
    """Print what a partner needs to assume a role, in Markdown: its ARN, its conditions, what to allow on their side.

    With --new, print a new external ID.
    """
    if new == (role is not None):
        raise CommandError("give either a role or --new")
    if role is None:
        print(uuid4())
        return GOOD
    from keywright.cli.reading import read_declarations_in_force, require_name
    from keywright.model.sheets.partner import partner_sheet, trusts_of_partners

    declarations, _ = read_declarations_in_force(folder, day(today))
    ours = [name for name, each in declarations.roles.items() if trusts_of_partners(each)]
    require_name(role, ours, folder, "no partner assumes such a role", "a role that trusts an `account`")
    print(partner_sheet(role, declarations), end="")
    return GOOD
