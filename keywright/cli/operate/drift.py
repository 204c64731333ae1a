"""`keywright drift`: compares the account with the synthesized assembly, by meaning."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import DriftFormat
from keywright.cli.options import ASSEMBLY, EndpointUrl, Output


def command(
    assembly: Annotated[
        Path, typer.Argument(metavar="ASSEMBLY", help="A cdk.out, a folder of templates, or a template.")
    ] = ASSEMBLY,
    *,
    snapshot: Annotated[
        Path | None,
        typer.Option(
            "--snapshot",
            metavar="FILE",
            show_default=False,
            help="Compare this saved account, and not the live one.",
        ),
    ] = None,
    form: Annotated[DriftFormat, typer.Option("--format", help="The output format.")] = DriftFormat.TEXT,
    output: Output = None,
    endpoint_url: EndpointUrl = None,
) -> int:
    """Report what of the account differs from an assembly: who can do more first. Only reads.

    Policies are compared by what they allow; order, case and formatting do not matter. A gain comes with a request that
    shows it. What exists under the assembly's path and nobody declared is named; what AWS or other stacks own is not compared.

    Exit codes: 0 no drift, 1 drift, 2 unusable input or another account, 3 undecided.
    """
    from keywright.cli.operate.drift_run import run

    return run(assembly, snapshot, form, output, endpoint_url)
