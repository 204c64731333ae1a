"""What `keywright onboard` does: find the user, print the sheet."""

import sys
from datetime import date
from pathlib import Path

from keywright.model.fields.nearest import nearest
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.model.sheets.sign_in import sign_in_sheet


def onboard(user: str, folder: Path, judged_on: date) -> int:
    """Print the sheet of a user, or say that there is none, and give the exit code."""
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
