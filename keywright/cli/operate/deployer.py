"""`keywright deployer`: the least-privilege roles that CloudFormation deploys an assembly with."""

import re
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import DeployerFormat
from keywright.cli.options import ASSEMBLY, Assembly

# Without wildcards: one subject must not match the workflows of other branches or repositories.
_SUBJECT = re.compile(r"repo:[\w.@-]+/[\w.@-]+:[^*?\s]+")


def command(
    assembly: Assembly = ASSEMBLY,
    *,
    by_path: Annotated[
        bool,
        typer.Option(
            "--by-path",
            help="Allow any name under the declared paths, so that few deployments need a new bootstrap.",
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the template here: .yaml, .yml or .json."),
    ] = None,
    policies: Annotated[
        Path | None,
        typer.Option(
            "--policies",
            metavar="DIR",
            help="Write each policy to a file, for a bootstrap of your own.",
        ),
    ] = None,
    github: Annotated[
        str,
        typer.Option(
            "--github",
            metavar="SUBJECT",
            help="Add a role for the workflow whose token has this subject: `repo:acme/shop:environment:production`.",
        ),
    ] = "",
    check: Annotated[
        Path | None,
        typer.Option(
            "--check",
            metavar="FILE",
            help="Compare with an earlier template and write nothing; exit with 1 if it allows too little or too much.",
        ),
    ] = None,
    form: Annotated[
        DeployerFormat, typer.Option("--format", help="The output format: a report, or the template.")
    ] = DeployerFormat.TEXT,
) -> int:
    """Synthesize roles that can deploy exactly these resources with CloudFormation, and nothing else.

    There are two execution roles: keywright-deployer for ordinary deployments, and keywright-founder, which alone can
    change what is protected: permissions boundaries, identities without one, and whatever acts as one of those. The
    actions that a resource handler calls come from CloudFormation's registry. A permission that can't be restricted to
    one resource is reported; a type that the registry does not have is undecided.

    Exit codes: 0 good, 1 --check finds a difference, 2 unusable input, 3 something is undecided.
    """
    writes = output is not None or policies is not None or bool(github)
    if check is not None and (writes or form is not DeployerFormat.TEXT):
        raise typer.BadParameter("`--check` compares and writes nothing; accepted: `--check FILE` alone")
    if output is not None and output.suffix not in {".json", ".yaml", ".yml"}:
        raise typer.BadParameter(
            f"`{output}` has an unknown format; accepted: a name in .yaml, .yml or .json"
        )
    if github and not _SUBJECT.fullmatch(github):
        raise typer.BadParameter(
            f"`{github}` is not the subject of a workflow's token; accepted: `repo:OWNER/REPOSITORY:environment:NAME`, without wildcards"
        )
    from keywright.cli.operate.deployer_run import DeployerOptions, write_or_check

    return write_or_check(assembly, DeployerOptions(by_path, form, output, policies, check, github))
