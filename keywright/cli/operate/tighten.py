"""`keywright tighten`: what was used of the access that is granted, and the edit that narrows grants to it."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ComplianceFormat
from keywright.cli.options import ASSEMBLY, Assembly, Output, Today, day


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
    access: Annotated[
        Path | None,
        typer.Option(
            "--access",
            metavar="DIR",
            show_default=False,
            help="The folder of declarations to narrow. Default: only report.",
        ),
    ] = None,
    days: Annotated[
        int,
        typer.Option(
            "--days", min=1, max=4000, metavar="DAYS", help="The days with events that a proposal needs."
        ),
    ] = 90,
    write: Annotated[
        bool, typer.Option("--write", help="Make the edit; without it, the report ends with it.")
    ] = False,
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
    today: Today = None,
) -> int:
    """Report what each user and role used, from CloudTrail's events, and narrow the declared grants to it.

    With `--access`, what was not used for a whole period is removed, where the trail can show its use and a grant can be
    declared without it; everything else is kept, with the reason. The edit is proved to allow nobody more. Files are read
    where they are; one that can't be read is named. Needs the extra `keywright[trail]`.

    Exit codes: 0 nothing to narrow, 1 something to narrow, 2 unusable input, 3 a part of the trail can't be read, or it
    is too short for a proposal.
    """
    from keywright.cli.operate.tighten_run import Given, print_query, tighten

    if athena_sql is not None:
        return print_query(athena_sql, output)
    given = Given(assembly, tuple(trail or ()), access, days, memory, day(today), write=write)
    return tighten(given, form, output)
