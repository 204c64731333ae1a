"""`keywright spread`: spreads declarations over more stacks, and writes what stays in its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from keywright.cli.options import ACCESS, EndpointUrl, Folder, Today, day
from keywright.model.stacks.kinds import MOST, STACKS, Kind
from keywright.reporting.exit_codes import FINDINGS, GOOD
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from keywright.model.declarations import Declarations
    from keywright.model.source.places import Places
    from keywright.model.stacks.shards import Shards

    Placed = Mapping[str, str] | None


def command(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help=f"What to spread: {', '.join(STACKS)}.")],
    stacks: Annotated[int, typer.Argument(metavar="STACKS", min=1, max=MOST, help="The number of stacks.")],
    folder: Folder = ACCESS,
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Read from the account what is deployed; everything else is new.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Nothing of this kind is deployed yet: everything is new.")
    ] = False,
    today: Today = None,
    endpoint_url: EndpointUrl = None,
) -> int:
    """Spread new users, groups or resources over more stacks; write `shards.yaml`.

    Everything that is deployed stays in its stack: to move it would delete and create it, and users would lose their MFA
    device, keys and password. Without `--live` or `--fresh`, everything declared counts as deployed.
    """
    from keywright.cli.reading import read_declarations, reading_account
    from keywright.cli.terminal import print_error, write_file
    from keywright.model.stacks.spreading import FILE, schema_line, spread, written

    if live and fresh:
        raise typer.BadParameter("`--live` and `--fresh` exclude each other")
    declarations, places = read_declarations(folder, day(today))
    # None stands for "everything declared is deployed", the safe assumption without the account.
    placed: Placed = {} if fresh else None
    if live:
        from keywright.live.passes.deployed import read_stacks_by_name

        with reading_account(declarations.account.id):
            placed = read_stacks_by_name(declarations.account, kind, endpoint_url)
    refused = _elsewhere(folder / FILE, places) or _too_few(kind, stacks, declarations, placed)
    after = declarations.shards if refused else spread(declarations, kind, stacks, placed)
    refused = refused or _too_large(kind, declarations, after, placed)
    if refused is not None:
        print_error(refused)
        return FINDINGS
    write_file(folder / FILE, written(after, schema_line(folder)))
    print(f"{folder / FILE}: {kind} over {stacks} stacks; {_summary(kind, declarations, after)}")
    return GOOD


def _summary(kind: Kind, declarations: Declarations, after: Shards) -> str:
    from keywright.model.stacks.spreading import INLINE, fullest

    stay = sum(len(names) for names in after.of(kind).stay.values())
    stack, resources = fullest(declarations, kind, after)
    who = f"{stay} stay, new ones go to the new stacks" if stay else "all are new"
    largest = f"{who}; {quoted(stack)} is the largest, with about {resources} resources"
    needs_bucket = kind == "people" and resources > INLINE
    return f"{largest}, too many to deploy without a bootstrap bucket" if needs_bucket else largest


def _elsewhere(file: Path, places: Places) -> Finding | None:
    """Refuse where another file than this command's own has the section."""
    place = places.key("shards")
    if len(places.along(("shards",))) > 1 and place.file != str(file):
        accepted = f"`shards:` in `{file}`, which this command writes"
        return Finding(place, "`shards:` is in another file", f"`{place.file}`", accepted)
    return None


def _too_few(kind: Kind, stacks: int, declarations: Declarations, placed: Placed) -> Finding | None:
    from keywright.model.stacks.spreading import first_open

    now, full = declarations.shards.of(kind).stacks, first_open(declarations, kind, placed)
    # With fewer stacks, the identities of a removed stack would be deleted and created again.
    if placed != {} and stacks <= now:
        message, found, most = "the number of stacks can only grow", f"{stacks}, and there are {now}", now
    elif stacks <= full:
        message, most = "no stack would be open to new ones", full
        found = f"{stacks}, and {full} hold what stays"
    else:
        return None
    return Finding(Location("STACKS"), message, found, f"more than {most}")


def _too_large(kind: Kind, declarations: Declarations, after: Shards, placed: Placed) -> Finding | None:
    """Refuse where a stack would be too large: what stays can't all be deployed, or the stacks are too few for the new ones."""
    from keywright.model.stacks.spreading import fullest
    from keywright.policy.quotas import RESOURCES

    stack, resources = fullest(declarations, kind, after)
    stays = stack in after.of(kind).stay
    # What is deployed already fits into its stack, whatever the estimate says.
    if resources <= RESOURCES.default or (stays and placed is not None):
        return None
    accepted = (
        "`--live`, so that only what is deployed stays, or `--fresh` where nothing is"
        if stays
        else f"more stacks, such as {min(after.of(kind).stacks * 2, MOST)}"
    )
    message = f"stack {quoted(stack)} would exceed CloudFormation's quota of resources"
    found = f"about {resources} resources of {'what stays' if stays else 'new ones'}"
    return Finding(Location("STACKS"), message, found, accepted)
