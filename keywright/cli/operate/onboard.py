"""`keywright onboard`: the sign-in instructions of a user."""

from typing import Annotated

import typer

from keywright.cli.options import ACCESS, Folder, Today, day
from keywright.reporting.exit_codes import GOOD


def command(
    user: Annotated[
        str, typer.Argument(metavar="USER", help="The declared name of a person or application.")
    ],
    folder: Folder = ACCESS,
    *,
    today: Today = None,
) -> int:
    """Print a user's sign-in instructions, in Markdown: address, user name, first steps, access.

    They contain no secret; they name where the first password is.
    """
    from keywright.cli.reading import read_declarations_in_force, require_name
    from keywright.model.sheets.sign_in import sign_in_sheet

    declarations, _ = read_declarations_in_force(folder, day(today))
    ours = [name for name, each in declarations.users.items() if not each.existing]
    require_name(user, ours, folder, "no such user is declared", "a declared user")
    print(sign_in_sheet(user, declarations), end="")
    return GOOD
