"""`keywright exceptions`: what is accepted, for which reason, and how many days are left."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.assembly.sources.manifest import EXCEPTIONS
from keywright.cli.formats import ReportFormat
from keywright.cli.options import Today, day


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
    form: Annotated[
        ReportFormat, typer.Option("--format", help="For people, or one JSON document.")
    ] = ReportFormat.TEXT,
) -> int:
    """List the exceptions, those that end first at the top.

    Exit code: 2 when the input is unusable, 1 when an exception has ended or a declaration is wrong, else 0.
    """
    from keywright.cli.judge.exceptions_run import list_accepted

    return list_accepted(place, day(today), form)
