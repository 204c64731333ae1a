"""`keywright adopt`: writes the declarations of an account that exists."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import ACCESS, EndpointUrl, Form, Today, day

Text = str | None


def command(
    snapshot: Annotated[
        Path | None,
        typer.Argument(
            metavar="SNAPSHOT",
            show_default=False,
            help="A file that `keywright snapshot` or `aws iam get-account-authorization-details` wrote; "
            "by default the account is read into `account.json` first.",
        ),
    ] = None,
    *,
    into: Annotated[
        Path, typer.Option("--into", metavar="FOLDER", help="The folder of declarations to write.")
    ] = ACCESS,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            show_default=False,
            help="Adopt only this, such as `user/alice`, `role/*` or `group/dev-*`; the rest stays as it is. Repeatable.",
        ),
    ] = None,
    region: Annotated[
        Text,
        typer.Option("--region", metavar="REGION", help="The account's main region, if the file lacks it."),
    ] = None,
    path: Annotated[
        Text,
        typer.Option(
            "--path",
            metavar="PATH",
            help="The IAM path of what is declared later; by default that of an earlier deployment, or `/access/`.",
        ),
    ] = None,
    domain: Annotated[
        Text,
        typer.Option(
            "--domain",
            metavar="DOMAIN",
            help="The domain of people's e-mail addresses that the account lacks.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the files of an earlier `keywright adopt`.")
    ] = False,
    endpoint_url: EndpointUrl = None,
    form: Form = ReportFormat.TEXT,
    today: Today = None,
) -> int:
    """Write the declarations of an account: its users, groups, roles and policies as they are. Changes nothing in AWS.

    What is declared is proved to have exactly the access that it has in the account. What declarations can't express, or
    where this can't be proved, is left alone and listed with the reason, in the report and in the files.

    Without SNAPSHOT it reads the live account, as `keywright snapshot` does.

    Exit codes: 0 everything is declared, 1 something is left alone, 2 unusable input, 3 something is left alone because
    its access is undecided.
    """
    from keywright.cli.declare.adopt_run import Options, adopt

    options = Options(
        tuple(only or ()), region or "", path or "", domain or "", endpoint_url, overwrite=overwrite
    )
    return adopt(snapshot, into, options, day(today), form)
