"""`keywright first-pass`: writes an assembly to deploy first, in which groups and shared policies still exist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright.cli.options import ACCESS, EndpointUrl, Folder, Today, day
from keywright.reporting.exit_codes import FINDINGS, GOOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.live.passes.first_pass import Move, PostponedChange
    from keywright.model.account.settings import Account

_SHOWN = 10


def command(
    assembly: Annotated[Path, typer.Argument(metavar="ASSEMBLY", help="The folder that cdk synth wrote.")],
    folder: Folder = ACCESS,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Write the assembly of the first pass here.")
    ] = Path("cdk.first"),
    today: Today = None,
    endpoint_url: EndpointUrl = None,
) -> int:
    """Write what to deploy first when groups or shared policies are removed that other stacks use. Only reads the account.

    A group that gains access while members leave it also waits for the second pass; otherwise the members would
    briefly have the new access. If nothing has to wait, nothing is written and one deployment is enough. `keywright
    deploy` runs both passes.

    Nothing may be deployed if an identity would move to another stack: its MFA device, keys and password would be lost.
    """
    from keywright.cli.reading import read_declarations

    declarations, _ = read_declarations(folder, day(today))
    kept = write_first_pass(declarations.account, assembly, output, endpoint_url)
    print(*postponed(kept), sep="\n")
    if kept:
        print(f"{output}: the first pass, in which they stay as they are")
    return GOOD


def write_first_pass(
    account: Account, assembly: Path, output: Path, endpoint_url: str | None
) -> list[PostponedChange]:
    """Write the assembly of the first pass, if there has to be one, and give what waits for the second.

    Raises:
        CommandError: An identity would move to another stack, or the account or the assembly can't be read.
    """
    from keywright.assembly.sources.source import UnreadableError
    from keywright.cli.errors import CommandError
    from keywright.cli.reading import reading_account
    from keywright.live.passes.first_pass import MovingError, first_pass

    try:
        with reading_account(account.id):
            return first_pass(account, assembly, output, endpoint_url)
    except MovingError as error:
        raise CommandError("\n".join(_moves(error.moves)), FINDINGS) from error
    except (OSError, ValueError, UnreadableError) as error:
        raise CommandError(
            f"{assembly}: no first pass is written; found {error}; accepted: a folder that `cdk synth` wrote"
        ) from error


def postponed(kept: Sequence[PostponedChange]) -> list[str]:
    """Say what waits for the second pass."""
    if not kept:
        return ["no group and no shared policy has to wait: one pass is enough"]
    return [f"{each.stack}: {each.kind} `{each.name}` {_when(each)}" for each in kept]


def _moves(moves: Sequence[Move]) -> Iterator[str]:
    """Name what would move, up to ten."""
    for move in moves[:_SHOWN]:
        yield (
            f"{move.stack}: {move.what} {_what_happens(move)}; accepted: it stays in `{move.stack}`, "
            "by `stay` and the number of stacks in `shards:`, as `keywright spread --live` writes them"
        )
    if len(moves) > _SHOWN:
        yield f"and {len(moves) - _SHOWN} more"


def _what_happens(move: Move) -> str:
    if not move.to:
        return "would stay in a stack that is no longer deployed; found no such stack in the assembly"
    return f"would be deleted and created in another stack; found it in `{move.to}`"


def _when(kept: PostponedChange) -> str:
    if kept.gains:
        return "gains access in the second pass, after its members have left; new members join then"
    return "is deleted in the second pass"
