"""Another address of AWS than the usual one, as of the sandbox."""

from typing import Annotated

import typer

EndpointUrl = Annotated[
    str | None,
    typer.Option(
        "--endpoint-url",
        metavar="URL",
        show_default=False,
        help="Another address of AWS, as of the sandbox.",
    ),
]
