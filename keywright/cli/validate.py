"""`keywright validate`: the declarations alone, without Node and without AWS."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.clock import Today, day


class Format(StrEnum):
    """For people, or for programs."""

    TEXT = "text"
    JSON = "json"


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Count warnings as mistakes, as a pull request should.")
    ] = False,
    today: Today = None,
    form: Annotated[Format, typer.Option("--format", help="For people, or one JSON document.")] = Format.TEXT,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file changes, until Ctrl-C.")
    ] = False,
) -> int:
    """Check the declarations alone: types, names, references, quotas, dates.

    Prints every mistake of every file with its line and column. Needs neither Node nor AWS.
    """
    from keywright.cli.validating import judged  # noqa: PLC0415 - help and refusals don't need it

    if watch:
        from keywright.cli.watching import watched  # noqa: PLC0415 - only who watches pays for it

        return watched(folder, lambda: judged(folder, day(today), form, strict=strict))
    return judged(folder, day(today), form, strict=strict)
