"""`keywright spread`: more stacks for what is declared, and a note of who stays where it is."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.clock import Today, day
from keywright.model.stack_kinds import MOST, STACKS, Kind


def command(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help=f"What to spread: {', '.join(STACKS)}.")],
    stacks: Annotated[int, typer.Argument(metavar="STACKS", min=1, max=MOST, help="Over how many stacks.")],
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    today: Today = None,
) -> int:
    """Let newcomers come into more stacks: writes `shards.yaml`, in which everybody else stays where it is.

    A thing that moved to another stack would be deleted and made anew, and people would lose device, keys and password.
    """
    from keywright.cli.spreading import spread_over  # noqa: PLC0415 - help and refusals don't need it

    return spread_over(kind, stacks, folder, day(today))
