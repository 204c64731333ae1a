"""`keywright map`: the access map of one assembly, as a page that loads nothing from the network."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.options import ASSEMBLY, Assembly
from keywright.reporting.exit_codes import GOOD, UNDECIDED
from keywright.reporting.text import counted, printable


def command(
    assembly: Assembly = ASSEMBLY,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Write to this file; `-` for standard output."),
    ] = Path("access-map.html"),
) -> int:
    """Draw who can access which resource, by access level, as one HTML file for a browser.

    Rows are users, roles, groups, unattached policies, and external principals that resources and roles allow. What
    depends on the deployment is marked and counted.

    Exit codes: 0 everything is decided, 2 unusable input, 3 something is undecided.
    """
    from keywright.cli.reading import read_templates
    from keywright.cli.terminal import write_file
    from keywright.review.comparison.snapshot import Snapshot
    from keywright.review.page.html import render_map
    from keywright.review.review import root_of

    read = read_templates(assembly)
    page, drawn = render_map(Snapshot(read, root_of(assembly)), map(str, read.findings))
    if str(output) == "-":
        typer.echo(page, nl=False)
    else:
        write_file(output, page)
        parts = [
            f"{counted(len(drawn.rows), 'principal')}, {counted(len(drawn.columns.all), 'resource')}",
            f"{len(drawn.unsure)} undecided",
            *([f"{len(read.findings)} left out, listed there"] if read.findings else []),
        ]
        typer.echo(f"{printable(str(output))}: {' · '.join(parts)}")
    return UNDECIDED if drawn.unsure or read.findings else GOOD
