"""`keywright deployer`: the least-privileged roles that CloudFormation deploys an assembly with."""

import re
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import DeployerFormat

_SUBJECT = re.compile(r"repo:[\w.@-]+/[\w.@-]+:[^*?\s]+")


def command(
    assembly: Annotated[
        Path,
        typer.Argument(
            metavar="ASSEMBLY-or-TEMPLATE", help="A cdk.out, a folder of templates, or a template."
        ),
    ] = Path("cdk.out"),
    *,
    by_path: Annotated[
        bool,
        typer.Option(
            "--by-path",
            help="Let names under the declared paths come and go, so that few deployments need a new bootstrap.",
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
            help="Write each policy as a file, for a bootstrap of your own.",
        ),
    ] = None,
    github: Annotated[
        str,
        typer.Option(
            "--github",
            metavar="SUBJECT",
            help="Make a role for the workflow whose token has this subject: `repo:acme/shop:environment:production`.",
        ),
    ] = "",
    check: Annotated[
        Path | None,
        typer.Option(
            "--check",
            metavar="FILE",
            help="Compare with the template of an earlier bootstrap, and write nothing; 1 if it lacks or exceeds.",
        ),
    ] = None,
    form: Annotated[
        DeployerFormat, typer.Option("--format", help="A report for people, or the template itself.")
    ] = DeployerFormat.TEXT,
) -> int:
    """Work out what CloudFormation must be allowed to deploy exactly these resources, and a bootstrap that allows no more.

    Two execution roles: keywright-deployer for every day, and keywright-founder, which alone may change what is sealed:
    permissions boundaries, identities that none holds, and what acts as one. What each handler calls for comes from
    CloudFormation's registry. A permission that can't be put on one thing is told; a type that the registry does not
    know is undecided, and told too.

    Exit code: 2 when an input is unusable, 1 when --check finds a difference, 3 when something is undecided, else 0.
    """
    writes = output is not None or policies is not None or bool(github)
    if check is not None and (writes or form is not DeployerFormat.TEXT):
        raise typer.BadParameter("`--check` compares and writes nothing; accepted: `--check FILE` alone")
    if output is not None and output.suffix not in {".json", ".yaml", ".yml"}:
        raise typer.BadParameter(f"`{output}` tells no format; accepted: a name in .yaml, .yml or .json")
    if github and not _SUBJECT.fullmatch(github):
        raise typer.BadParameter(
            f"`{github}` is no subject of a workflow's token; accepted: `repo:OWNER/REPOSITORY:environment:NAME`, without wildcards"
        )
    from keywright.cli.operate.deployer_run import Wishes, deploying

    return deploying(assembly, Wishes(by_path, form, output, policies, check, github))
