"""`keywright spread`: more stacks for what is declared, and a note of who stays where it is."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.options import EndpointUrl, Today, day
from keywright.model.stacks.kinds import MOST, STACKS, Kind


def command(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help=f"What to spread: {', '.join(STACKS)}.")],
    stacks: Annotated[int, typer.Argument(metavar="STACKS", min=1, max=MOST, help="Over how many stacks.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the account who is where; whom it lacks is a newcomer.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Nothing of the kind is deployed yet: everybody is a newcomer.")
    ] = False,
    today: Today = None,
    endpoint_url: EndpointUrl = None,
) -> int:
    """Let newcomers come into more stacks: writes `shards.yaml`, in which everybody else stays where it is.

    A thing that moved to another stack would be deleted and made anew, and people would lose device, keys and password.
    Without `--live` or `--fresh` whoever is declared is taken to be deployed.
    """
    if live and fresh:
        raise typer.BadParameter("one of `--live` and `--fresh` at most")
    from keywright.cli.declare.spread_run import Deployed, spread_over

    return spread_over(
        kind, stacks, folder, day(today), Deployed(live=live, fresh=fresh, endpoint_url=endpoint_url)
    )
