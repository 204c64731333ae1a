"""`keywright validate`: checks the declarations alone, without Node and without AWS."""

from typing import Annotated

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import ACCESS, Folder, Form, Today, day


def command(
    folder: Folder = ACCESS,
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Treat warnings as errors, as a pull request should.")
    ] = False,
    today: Today = None,
    form: Form = ReportFormat.TEXT,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file changes, until Ctrl-C.")
    ] = False,
) -> int:
    """Check the declarations: types, names, references, quotas, dates.

    Reports every mistake of every file with its line and column. Needs neither Node nor AWS.

    Exit codes: 0 no mistakes, 1 a mistake, 2 a file can't be read.
    """
    from keywright.cli.declare.validate_run import validate, validate_on_change

    if watch:
        return validate_on_change(folder, lambda: validate(folder, day(today), form, strict=strict))
    return validate(folder, day(today), form, strict=strict)
