"""`keywright first-pass`: the assembly of a deployment in which groups and shared policies go last, and gain late."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.options import EndpointUrl, Today, day


def command(
    assembly: Annotated[Path, typer.Argument(metavar="ASSEMBLY", help="The folder that cdk synth wrote.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of declarations.")] = Path(
        "access"
    ),
    *,
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="Where the first pass is written.")
    ] = Path("cdk.first"),
    today: Today = None,
    endpoint_url: EndpointUrl = None,
) -> int:
    """Write what to deploy first where groups or shared policies are to go, used from other stacks. Reads the account only.

    Nothing may be deployed where somebody would move to another stack: device, keys and password would be lost.

    Those that gain while somebody lets go of them wait too, or whoever leaves would have what they gain for a moment.
    Nothing is written where none has to wait: one pass will do. `make deploy` runs both.
    """
    from keywright.cli.operate.first_pass_run import write_first_pass

    return write_first_pass(assembly, folder, output, endpoint_url, day(today))
