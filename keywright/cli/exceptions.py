"""`keywright exceptions`: what is accepted, for which reason, and how many days are left."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keywright.assembly.sources.manifest import EXCEPTIONS
from keywright.cli.clock import Today, day


class Format(StrEnum):
    """For people, or for programs."""

    TEXT = "text"
    JSON = "json"


def command(
    place: Annotated[
        Path,
        typer.Argument(
            metavar="DIR-or-FILE",
            help=f"The folder of declarations, or a {EXCEPTIONS} or the folder it is in.",
        ),
    ] = Path("access"),
    *,
    today: Today = None,
    form: Annotated[Format, typer.Option("--format", help="For people, or one JSON document.")] = Format.TEXT,
) -> int:
    """List the exceptions, those that end first at the top.

    Exit code: 2 when the input is unusable, 1 when an exception has ended or a declaration is wrong, else 0.
    """
    from keywright.cli.listing_accepted import list_accepted  # noqa: PLC0415 - help and refusals don't need it

    return list_accepted(place, day(today), form)
