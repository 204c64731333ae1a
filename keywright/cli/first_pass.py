"""`keywright first-pass`: the assembly of a deployment in which groups and shared policies go last, and gain late."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from keywright.assembly.source import UnreadableError
from keywright.cli.clock import Today, day
from keywright.cli.endpoint import EndpointUrl
from keywright.live.removals import Kept, first_pass
from keywright.live.session import UnreadableAccountError
from keywright.model.reading import read

GOOD, MISTAKE, UNUSABLE = range(3)


def command(
    assembly: Annotated[Path, typer.Argument(metavar="ASSEMBLY", help="The folder that cdk synth wrote.")],
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder of declarations.")] = Path(
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

    Those that gain while somebody lets go of them wait too, or whoever leaves would have what they gain for a moment.
    Nothing is written where none has to wait: one pass will do. `make deploy` runs both.
    """
    reading = read(folder, day(today))
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return MISTAKE if reading.usable else UNUSABLE
    try:
        kept = first_pass(reading.declarations.account, assembly, output, endpoint_url)
    except UnreadableAccountError as error:
        print(f"account {reading.declarations.account.id}: {error}", file=sys.stderr)
        return error.exit_code
    except (OSError, ValueError, UnreadableError) as error:
        print(
            f"{assembly}: no first pass is written; found {error}; accepted: a folder of `cdk synth`",
            file=sys.stderr,
        )
        return UNUSABLE
    print(*_lines(kept, output), sep="\n")
    return GOOD


def _lines(kept: list[Kept], output: Path) -> list[str]:
    if not kept:
        return ["no group and no shared policy has to wait: one pass will do"]
    return [
        *(f"{each.stack}: {each.kind} `{each.name}` {_later(each)}" for each in kept),
        f"{output}: the first pass, in which they are left as they are",
    ]


def _later(kept: Kept) -> str:
    if kept.gains:
        return "gains in the second pass, when whoever lets go of it has; newcomers come to it then"
    return "goes in the second pass"
