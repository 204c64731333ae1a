"""`keywright map`: the access map of one assembly, as a page that asks the network for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright.reporting.output_file import write_whole
from keywright.reporting.text import printable

if TYPE_CHECKING:
    from keywright.reporting.finding import Finding
    from keywright.review.map.access_map import AccessMap

OUTPUT = Path("access-map.html")


def command(
    assembly: Annotated[
        Path,
        typer.Argument(
            metavar="ASSEMBLY-or-TEMPLATE", help="A cdk.out, a folder of templates, or a template."
        ),
    ] = Path("cdk.out"),
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Write to this file; `-` is the terminal.")
    ] = OUTPUT,
) -> int:
    """Draw who may reach which resource, by access level: one HTML file, to be opened in a browser.

    Rows are users, roles, groups, policies that nobody bears, and whom resources and roles let in from elsewhere. What
    only the deployment knows is marked and counted.

    Exit code: 2 when the assembly is unusable, 3 when something can't be told, else 0.
    """
    from keywright.assembly.templates.reader import read_assembly
    from keywright.reporting.finding import Outcome
    from keywright.review.comparison.snapshot import Snapshot
    from keywright.review.page.html import render_map
    from keywright.review.review import root_of

    read = read_assembly(assembly)
    faults = [each for each in read.findings if each.outcome is Outcome.FAULT]
    if faults:
        typer.echo(printable("\n".join(map(str, faults))), err=True)
        return 2
    page, drawn = render_map(Snapshot(read, root_of(assembly)), map(str, read.findings))
    if str(output) == "-":
        typer.echo(page, nl=False)
        return _exit_code(drawn, read.findings)
    try:
        write_whole(output, page.encode())
    except OSError as error:
        reason = (error.strerror or "unwritable").lower()
        typer.echo(f"{printable(str(output))}: the map can't be written; found {reason}", err=True)
        return 2
    typer.echo(_summary(output, drawn, read.findings))
    return _exit_code(drawn, read.findings)


def _exit_code(drawn: AccessMap, aside: tuple[Finding, ...]) -> int:
    return 3 if drawn.unsure or aside else 0


def _summary(output: Path, drawn: AccessMap, aside: tuple[Finding, ...]) -> str:
    parts = [
        f"{_many(len(drawn.rows), 'principal')}, {_many(len(drawn.columns.all), 'resource')}",
        f"{len(drawn.unsure)} undecided",
        *([f"{len(aside)} left aside, listed there"] if aside else []),
    ]
    return f"{printable(str(output))}: {' · '.join(parts)}"


def _many(number: int, one: str) -> str:
    return f"{number} {one if number == 1 else f'{one}s'}"
