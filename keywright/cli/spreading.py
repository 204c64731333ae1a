"""What `keywright spread` does: note who stays, write it."""

import sys
from datetime import date
from pathlib import Path

from keywright.finding import Finding, Location
from keywright.model.declarations import Declarations
from keywright.model.reading import Reading, read
from keywright.model.spreading import FILE, spread, written
from keywright.model.stack_kinds import Kind
from keywright.whole_file import write_whole

GOOD, MISTAKE, UNUSABLE = range(3)


def spread_over(kind: Kind, stacks: int, folder: Path, today: date) -> int:
    """Let newcomers of a kind come into more stacks, or say why not, and give the exit code."""
    reading = read(folder, today)
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
