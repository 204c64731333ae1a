"""`keywright review`: who gains and who loses access between two assemblies."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ReviewFormat
from keywright.cli.options import Output, Today, day


def command(
    base: Annotated[
        str,
        typer.Argument(
            metavar="BASE",
            help="Before: a cdk.out, a folder of templates, a template, the output of `terraform show -json`, or a commit of "
            "this repository. A plan of Terraform alone has both sides.",
        ),
    ],
    head: Annotated[
        str | None,
        typer.Argument(metavar="HEAD", help="After. Default, where BASE is a commit: the working tree."),
    ] = None,
    *,
    allow: Annotated[
        Path | None,
        typer.Option("--allow", metavar="FILE", help="Expected gains with their reasons, as YAML."),
    ] = None,
    approvers: Annotated[
        Path | None,
        typer.Option("--approvers", metavar="FILE", help="Who has to approve which kind of change, as YAML."),
    ] = None,
    labels_file: Annotated[
        Path | None,
        typer.Option(
            "--labels", metavar="FILE", help="Write the labels of the pull request here, one per line."
        ),
    ] = None,
    deployer: Annotated[
        Path | None,
        typer.Option(
            "--deployer",
            metavar="FILE",
            help="The deployed template of `keywright deployer`: report whether it has to be updated first.",
        ),
    ] = None,
    today: Today = None,
    form: Annotated[
        ReviewFormat,
        typer.Option("--format", help="The output format; markdown is for a comment, text for a terminal."),
    ] = ReviewFormat.MARKDOWN,
    output: Output = None,
) -> int:
    """Compare two assemblies: who gains and who loses access, and who can assume which role.

    Unchanged access is proved; a gain comes with a request that shows it. What depends on the deployment is undecided.
    Parameters have their default values. A commit, such as `main`, is synthesized in a clean working tree, which runs
    its code; a path that exists takes precedence over a commit of the same name. Of two plans of Terraform, what there is
    after each is compared.

    Exit codes: 0 access does not widen, 1 access widens, 2 unusable input, 3 undecided.
    """
    from keywright.cli.judge.review_run import ReviewOptions, review_paths

    return review_paths(
        base, head, ReviewOptions(allow, approvers, labels_file, day(today), form, deployer, output)
    )
