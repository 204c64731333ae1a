"""`keywright snapshot`: saves an account as it is to one file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.options import ACCESS, EndpointUrl, Folder


def command(
    folder: Folder = ACCESS,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Write to this file.")
    ] = Path("account.json"),
    region: Annotated[
        list[str] | None,
        typer.Option(
            "--region",
            metavar="REGION",
            show_default=False,
            help="A Region whose EC2 instances and CloudFormation stacks are read. Repeatable; by default your session's.",
        ),
    ] = None,
    last_accessed: Annotated[
        bool,
        typer.Option(
            "--last-accessed", help="Also ask which services each user and role used last. Takes longer."
        ),
    ] = False,
    policy: Annotated[
        bool,
        typer.Option("--policy", help="Print the read-only IAM policy that this needs, and read nothing."),
    ] = False,
    endpoint_url: EndpointUrl = None,
) -> int:
    """Save the identities of an account, their credentials and their last use to a file. Only reads.

    The file has no secret. If DIR declares an account, the credentials have to belong to it. An interrupted run
    continues where it was when the same command runs again.

    Exit codes: 0 saved, 2 unusable declarations or another account, 3 something could not be read: the file lists it
    under `Unread`.
    """
    if policy:
        from keywright.live.snapshot.operations import required_policy

        print(json.dumps(required_policy(last_accessed=last_accessed), indent=2))
        return 0
    from keywright.cli.operate.snapshot_run import run

    return run(folder, output, tuple(region or ()), last_accessed=last_accessed, endpoint_url=endpoint_url)
