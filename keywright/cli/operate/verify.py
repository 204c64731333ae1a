"""`keywright verify`: is the account what the declarations say?"""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import EndpointUrl, Today, day


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    today: Today = None,
    endpoint_url: EndpointUrl = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="For people, or one JSON document.")
    ] = ReportFormat.TEXT,
) -> int:
    """Compare who is alive in the account with who is declared. Reads only.

    Uses the credentials that the AWS CLI would use. Exit codes: 0 as declared, 1 it differs, 2 unusable declarations or
    another account, 3 something could not be read.
    """
    from keywright.cli.operate.verify_run import verify

    return verify(folder, day(today), endpoint_url, form)
