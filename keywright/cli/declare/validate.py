"""`keywright validate`: the declarations alone, without Node and without AWS."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import Today, day


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Count warnings as mistakes, as a pull request should.")
    ] = False,
    today: Today = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="For people, or one JSON document.")
    ] = ReportFormat.TEXT,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file changes, until Ctrl-C.")
    ] = False,
) -> int:
    """Check the declarations alone: types, names, references, quotas, dates.

    Prints every mistake of every file with its line and column. Needs neither Node nor AWS.
    """
    from keywright.cli.declare.validate_run import judged

    if watch:
        from keywright.cli.declare.watch import watched

        return watched(folder, lambda: judged(folder, day(today), form, strict=strict))
    return judged(folder, day(today), form, strict=strict)
