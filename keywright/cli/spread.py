"""`keywright spread`: more stacks for what is declared, and a note of who stays where it is."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.clock import Today, day
from keywright.finding import Finding, Location
from keywright.model.declarations import Declarations
from keywright.model.reading import Reading, read
from keywright.model.shards import MOST, STACKS, Kind
from keywright.model.spreading import FILE, spread, written
from keywright.whole_file import write_whole

GOOD, MISTAKE, UNUSABLE = range(3)


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
    reading = read(folder, day(today))
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return MISTAKE if reading.usable else UNUSABLE
    refused = _refused(kind, stacks, folder, reading, reading.declarations)
    if refused is not None:
        print(refused, file=sys.stderr)
        return MISTAKE
    after = spread(reading.declarations, kind, stacks)
    try:
        write_whole(folder / FILE, written(after).encode())
    except OSError as error:
        print(f"{folder / FILE}: cannot be written; found {error.strerror}", file=sys.stderr)
        return UNUSABLE
    stay = sum(len(names) for names in after.of(kind).stay.values())
    print(f"{folder / FILE}: {kind} over {stacks} stacks; {stay} stay, newcomers come into the new ones")
    return GOOD


def _refused(
    kind: Kind, stacks: int, folder: Path, reading: Reading, declarations: Declarations
) -> Finding | None:
    """Say what keeps the number from growing."""
    now = declarations.shards.of(kind).stacks
    if stacks <= now:
        found = f"{stacks} where there are {now}"
        return Finding(Location("STACKS"), "the number of stacks only ever grows", found, f"more than {now}")
    place = reading.places.key("shards")
    if len(reading.places.along(("shards",))) > 1 and Path(place.file) != folder / FILE:
        accepted = f"`shards:` in `{folder / FILE}`, which is this command's own"
        return Finding(place, "another file says how things are spread", f"`{place.file}`", accepted)
    return None
