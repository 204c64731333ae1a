"""What `keywright spread` does: note who stays, write it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from keywright.live.passes.deployed import placed_in
from keywright.live.session import UnreadableAccountError
from keywright.model.declarations import Declarations
from keywright.model.reading import Reading, read
from keywright.model.stacks.kinds import MOST, Kind
from keywright.model.stacks.shards import Shards
from keywright.model.stacks.spreading import FILE, INLINE, RESOURCES, first_open, fullest, spread, written
from keywright.reporting.finding import Finding, Location
from keywright.reporting.output_file import write_whole

GOOD, MISTAKE, UNUSABLE = range(3)


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """Where it is to be found out who is deployed: in the account, nowhere as nobody is, or in the declarations."""

    live: bool
    fresh: bool
    endpoint_url: str | None


def spread_over(kind: Kind, stacks: int, folder: Path, today: date, asked: Deployed) -> int:
    """Let newcomers of a kind come into more stacks, or say why not, and give the exit code."""
    reading = read(folder, today)
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return MISTAKE if reading.usable else UNUSABLE
    declarations = reading.declarations
    try:
        placed = _placed(declarations, kind, asked)
    except UnreadableAccountError as error:
        print(f"account {declarations.account.id}: {error}", file=sys.stderr)
        return error.exit_code
    refused = _elsewhere(folder, reading) or _too_few(kind, stacks, declarations, placed)
    after = declarations.shards if refused else spread(declarations, kind, stacks, placed)
    refused = refused or _too_full(kind, declarations, after, placed)
    if refused is not None:
        print(refused, file=sys.stderr)
        return MISTAKE
    try:
        write_whole(folder / FILE, written(after).encode())
    except OSError as error:
        print(f"{folder / FILE}: cannot be written; found {error.strerror}", file=sys.stderr)
        return UNUSABLE
    print(f"{folder / FILE}: {kind} over {stacks} stacks; {_who_goes_where(kind, declarations, after)}")
    return GOOD


def _placed(declarations: Declarations, kind: Kind, asked: Deployed) -> Mapping[str, str] | None:
    if asked.live:
        return placed_in(declarations.account, kind, asked.endpoint_url)
    return {} if asked.fresh else None


def _who_goes_where(kind: Kind, declarations: Declarations, after: Shards) -> str:
    stay = sum(len(names) for names in after.of(kind).stay.values())
    stack, resources = fullest(declarations, kind, after)
    who = f"{stay} stay, newcomers come into the new ones" if stay else "all are new"
    most = f"{who}; `{stack}` holds most, about {resources} resources"
    is_large = kind == "people" and resources > INLINE
    return f"{most}, too many to be deployed without a bootstrap bucket" if is_large else most


def _elsewhere(folder: Path, reading: Reading) -> Finding | None:
    """Say that another file than this command's own has the section."""
    place = reading.places.key("shards")
    if len(reading.places.along(("shards",))) > 1 and Path(place.file) != folder / FILE:
        accepted = f"`shards:` in `{folder / FILE}`, which is this command's own"
        return Finding(place, "another file says how things are spread", f"`{place.file}`", accepted)
    return None


def _too_few(
    kind: Kind, stacks: int, declarations: Declarations, placed: Mapping[str, str] | None
) -> Finding | None:
    """Say what keeps the number from growing to this one."""
    now, full = declarations.shards.of(kind).stacks, first_open(declarations, kind, placed)
    if placed != {} and stacks <= now:
        message, found, most = "the number of stacks only ever grows", f"{stacks} where there are {now}", now
    elif stacks <= full:
        found = f"{stacks} where {full} hold who stays"
        message, most = "no stack would be open to newcomers", full
    else:
        return None
    return Finding(Location("STACKS"), message, found, f"more than {most}")


def _too_full(
    kind: Kind, declarations: Declarations, after: Shards, placed: Mapping[str, str] | None
) -> Finding | None:
    """Say that a stack would hold more than it takes: not all of those who stay can be deployed, or the rest are too many."""
    stack, resources = fullest(declarations, kind, after)
    stays = stack in after.of(kind).stay
    if resources <= RESOURCES or (stays and placed is not None):
        return None
    way_on = (
        "`--live`, which lets stay who is deployed, or `--fresh` where nobody is"
        if stays
        else f"more stacks, such as {min(after.of(kind).stacks * 2, MOST)}"
    )
    message = f"stack `{stack}` would hold more than CloudFormation takes"
    found = f"about {resources} resources of {'those who stay' if stays else 'newcomers'}"
    return Finding(Location("STACKS"), message, found, way_on)
