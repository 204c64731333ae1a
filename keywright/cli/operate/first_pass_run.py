"""What `keywright first-pass` does: see who has to wait, and write the assembly in which they do."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from keywright.assembly.sources.source import UnreadableError
from keywright.live.passes.first_pass import Kept, Move, MovingError, first_pass
from keywright.live.session import UnreadableAccountError
from keywright.model.reading import read

GOOD, MISTAKE, UNUSABLE = range(3)
_SHOWN = 10


def write_first_pass(
    assembly: Path, folder: Path, output: Path, endpoint_url: str | None, today: date
) -> int:
    """Write the first pass where one is needed, and give the exit code."""
    reading = read(folder, today)
    if reading.declarations is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return MISTAKE if reading.usable else UNUSABLE
    try:
        kept = first_pass(reading.declarations.account, assembly, output, endpoint_url)
    except UnreadableAccountError as error:
        print(f"account {reading.declarations.account.id}: {error}", file=sys.stderr)
        return error.exit_code
    except MovingError as error:
        print(*_moving(error.moves), sep="\n", file=sys.stderr)
        return MISTAKE
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


def _moving(moves: Sequence[Move]) -> Iterator[str]:
    """Say who would lose what they have, or keep it for good; a thousand names say no more than ten."""
    for move in moves[:_SHOWN]:
        yield (
            f"{move.stack}: {move.what} {_becomes(move)}; accepted: it stays in `{move.stack}`, "
            "by `stay` and the number of stacks in `shards:`, as `keywright spread --live` writes them"
        )
    if len(moves) > _SHOWN:
        yield f"and {len(moves) - _SHOWN} more"


def _becomes(move: Move) -> str:
    if not move.to:
        return "would be left behind, in a stack that is not deployed any more; found no such stack in the assembly"
    return f"would be deleted and made anew in another stack; found it in `{move.to}`"


def _later(kept: Kept) -> str:
    if kept.gains:
        return "gains in the second pass, when whoever lets go of it has; newcomers come to it then"
    return "goes in the second pass"
