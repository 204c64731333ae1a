"""`keywright deploy`: deploys the declarations and verifies the account."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.options import ACCESS, ASSEMBLY, EndpointUrl, Folder, Today


def command(
    folder: Folder = ACCESS,
    *,
    role: Annotated[
        str | None,
        typer.Option(
            "--role",
            "--role-arn",
            metavar="ARN",
            show_default=False,
            help="The execution role that CloudFormation uses instead of your permissions.",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Synthesize into this folder.")
    ] = ASSEMBLY,
    today: Today = None,
    endpoint_url: EndpointUrl = None,
) -> int:
    """Synthesize, check with the guardrails, deploy with CloudFormation, and verify the account.

    Where the removal of access has to come before a gain, two passes are deployed (see `keywright first-pass`). The account is
    verified in any case, also after a failed deployment. Uses the credentials that the AWS CLI would use.

    Exit codes: 0 deployed as declared, 1 a finding, a refused deployment or a difference, 2 unusable input or another
    account, 3 something could not be read. The code of a failed deployment comes before that of verifying.
    """
    from keywright.cli.operate.deploy_run import deploy

    return deploy(folder, role, output, today, endpoint_url)
