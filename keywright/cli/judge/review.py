"""`keywright review`: who gains and who loses what access between two assemblies."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ReviewFormat
from keywright.cli.options import Today, day


def command(
    base: Annotated[
        str,
        typer.Argument(
            metavar="BASE",
            help="Before: a cdk.out, a folder of templates, a template, or a commit of this repository.",
        ),
    ],
    head: Annotated[
        str | None,
        typer.Argument(metavar="HEAD", help="After; for a commit, the working tree where this is left out."),
    ] = None,
    *,
    allow: Annotated[
        Path | None,
        typer.Option("--allow", metavar="FILE", help="Expected widenings with their reasons, as YAML."),
    ] = None,
    approvers: Annotated[
        Path | None,
        typer.Option("--approvers", metavar="FILE", help="Who has to approve which kind of change, as YAML."),
    ] = None,
    labels_file: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="Write the pull request's labels here, one a line."),
    ] = None,
    deployer: Annotated[
        Path | None,
        typer.Option(
            "--deployer",
            metavar="FILE",
            help="The template of the last bootstrap of `keywright deployer`: say whether what deploys has to change first.",
        ),
    ] = None,
    today: Today = None,
    form: Annotated[
        ReviewFormat,
        typer.Option("--format", help="A comment in Markdown, one JSON document, SARIF, or an HTML page."),
    ] = ReviewFormat.MARKDOWN,
) -> int:
    """Say who gains and who loses what access, and who can become whom: proved, or shown by a request.

    What only the deployment knows is never taken for a pass. Parameters stand for their defaults. A commit, such as
    `main`, is synthesized in a clean tree, which runs its code; a path that is there goes before a commit of that name.

    Exit code: 2 when an input is unusable, 1 when access widens, 3 when that is undecided, else 0.
    """
    from keywright.cli.judge.review_run import Asked, reviewing

    return reviewing(base, head, Asked(allow, approvers, labels_file, day(today), form, deployer))
