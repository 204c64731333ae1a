"""The arguments and options that several commands share, each with one help text."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.completion import principals, resources
from keywright.cli.formats import ReportFormat

ACCESS = Path("access")
ASSEMBLY = Path("cdk.out")
ASSEMBLY_HELP = "A cdk.out, a folder of templates, a template, or the output of `terraform show -json`."
ASSEMBLIES = [ASSEMBLY]

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")]
Assembly = Annotated[
    Path,
    typer.Argument(metavar="ASSEMBLY-or-TEMPLATE", help=ASSEMBLY_HELP),
]
Assemblies = Annotated[
    list[Path],
    typer.Argument(
        metavar="ASSEMBLY-or-TEMPLATE",
        help=f"{ASSEMBLY_HELP} Several, or an organization's cdk.out: one for each account.",
    ),
]
AnyPrincipal = Annotated[
    str,
    typer.Argument(
        metavar="PRINCIPAL",
        help="A name such as `user/alice` or `role/deployer`, an ARN, an account id, a service, or `*` for anyone.",
        autocompletion=principals,
    ),
]
Principal = Annotated[
    str,
    typer.Argument(
        metavar="PRINCIPAL",
        help="A name such as `user/alice`, `group/analysts` or `role/deployer`, or an ARN.",
        autocompletion=principals,
    ),
]
Action = Annotated[str, typer.Argument(metavar="ACTION", help="An action such as `s3:DeleteObject`.")]
Resource = Annotated[
    str,
    typer.Argument(
        metavar="RESOURCE",
        help="A name such as `bucket/reports`, or an ARN; with `*` in it: any resource that matches.",
        autocompletion=resources,
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        min=0,
        metavar="N",
        help="The number of processes; 0 decides by size and cores.",
    ),
]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        show_default=False,
        help="Judge the accounts on the Dask cluster of this scheduler, such as tls://10.0.0.5:8786. It runs code: use your own.",
    ),
]
Context = Annotated[
    list[str] | None,
    typer.Option("--context", metavar="KEY=VALUE", help="The value of a condition key. Repeatable."),
]
Absent = Annotated[
    list[str] | None,
    typer.Option(
        "--absent", metavar="KEY", help="A condition key that the request does not have. Repeatable."
    ),
]
SessionPolicy = Annotated[
    list[Path] | None,
    typer.Option(
        "--session-policy",
        metavar="FILE",
        help="A session policy of the role's session (`--policy` of AssumeRole). Repeatable.",
    ),
]
Form = Annotated[ReportFormat, typer.Option("--format", help="The output format.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", show_default=False, help="Write to this file."),
]
Today = Annotated[
    datetime | None,
    typer.Option(
        "--today",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        show_default=False,
        help="The date to use instead of today's, in UTC.",
    ),
]
EndpointUrl = Annotated[
    str | None,
    typer.Option(
        "--endpoint-url",
        metavar="URL",
        show_default=False,
        help="The AWS endpoint to use, such as the sandbox's.",
    ),
]


def day(given: datetime | None) -> date:
    """Give the date to use, in UTC."""
    return (given or datetime.now(UTC)).date()
