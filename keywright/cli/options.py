"""The clock of a command: an argument, so that yesterday's verdict can be had again."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

Today = Annotated[
    datetime | None,
    typer.Option(
        "--today",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        show_default=False,
        help="The day to judge by; the present one in UTC if not given.",
    ),
]


def day(given: datetime | None) -> date:
    """Give the day that is meant, in UTC."""
    return (given or datetime.now(UTC)).date()


EndpointUrl = Annotated[
    str | None,
    typer.Option(
        "--endpoint-url",
        metavar="URL",
        show_default=False,
        help="Another address of AWS, as of the sandbox.",
    ),
]
