"""`keywright retire`: users, roles and access keys that nobody uses, and the edit that retires them."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import RetireFormat
from keywright.cli.options import ACCESS, Folder, Output


def command(
    snapshot: Annotated[
        Path, typer.Argument(metavar="SNAPSHOT", help="A file that `keywright snapshot` wrote.")
    ],
    folder: Folder = ACCESS,
    *,
    unused_for: Annotated[
        int,
        typer.Option("--unused-for", min=1, max=400, metavar="DAYS", help="The days without a use."),
    ] = 90,
    grace: Annotated[
        int,
        typer.Option(
            "--grace", min=0, max=400, metavar="DAYS", help="The days between the denial and the deletion."
        ),
    ] = 30,
    write: Annotated[
        bool, typer.Option("--write", help="Make the edit; without it, the report ends with it.")
    ] = False,
    form: Annotated[RetireFormat, typer.Option("--format", help="The output format.")] = RetireFormat.TEXT,
    output: Output = None,
) -> int:
    """Find users, roles and access keys that nobody has used, and retire them: deny first, delete after a grace period.

    Without declarations, only the report is written. What could not be read in the account is undecided, never unused.
    Break-glass access, the handover group, roles of services and what `always` promises are kept.

    Exit codes: 0 nothing to retire, 1 something to retire, 2 unusable input, 3 nothing to retire and something undecided.
    """
    from keywright.cli.operate.retire_run import RetireOptions, retire

    return retire(RetireOptions(snapshot, folder, unused_for, grace, write, form, output))
