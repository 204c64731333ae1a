"""What `keywright partner` does for a role: find it, print the sheet."""

import sys
from datetime import date
from pathlib import Path

from keywright.model.fields.nearest import nearest
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.model.sheets.partner import partner_sheet, trusts_of_partners
from keywright.reporting.text import on_one_line


def introduce(role: str, folder: Path, judged_on: date) -> int:
    """Print the sheet for whoever assumes a role from another account, and give the exit code."""
    reading = read(folder, judged_on)
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return 1 if reading.usable else 2
    declarations = in_force(reading.declarations, judged_on, reading.places).declarations
    ours = [name for name, each in declarations.roles.items() if trusts_of_partners(each)]
    if role not in ours:
        offered = ", ".join(f"`{name}`" for name in nearest(role, ours)) or "a role that trusts an `account`"
        found = on_one_line(role)
        print(
            f"{folder}: no partner assumes such a role; found `{found}`; accepted: {offered}", file=sys.stderr
        )
        return 1
    print(partner_sheet(role, declarations), end="")
    return 0
