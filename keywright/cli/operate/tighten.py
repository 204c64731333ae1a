"""`keywright tighten`: what was used of the access that is granted, from CloudTrail's events."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ComplianceFormat
from keywright.cli.options import ASSEMBLY, Assembly, Output


def command(
    assembly: Assembly = ASSEMBLY,
    *,
    trail: Annotated[
        list[Path] | None,
        typer.Option(
            "--trail",
            metavar="PATH",
            help="A folder as CloudTrail writes it, a file of it, or Athena's answer (.csv). Repeatable.",
        ),
    ] = None,
    athena_sql: Annotated[
        str | None,
        typer.Option(
            "--athena-sql",
            metavar="TABLE",
            help="Only print the query for Athena, over the table of a trail; its answer is a `--trail`.",
        ),
    ] = None,
    memory: Annotated[
        str, typer.Option("--memory", metavar="SIZE", help="The memory for the events, such as `2GB`.")
    ] = "1GB",
    form: Annotated[
        ComplianceFormat, typer.Option("--format", help="The output format.")
    ] = ComplianceFormat.TEXT,
    output: Output = None,
) -> int:
    """Report which actions each user and role used, how often, first and last, from the events of CloudTrail.

    Files are read where they are. A file or a record that can't be read is named. Needs the extra `keywright[trail]`.

    Exit codes: 0 everything is read, 2 unusable input, 3 a part of the trail can't be read.
    """
    from keywright.cli.operate.tighten_run import Given, print_query, tighten

    if athena_sql is not None:
        return print_query(athena_sql, output)
    return tighten(Given(assembly, tuple(trail or ()), memory), form, output)
