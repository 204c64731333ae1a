"""More stacks for a kind of declared things, so that only newcomers come into the new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.shards import Shards, Spread, stack_name
from keywright.model.stack_kinds import SECTIONS, STACKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations
    from keywright.model.stack_kinds import Kind

FILE = "shards.yaml"
_HEAD = """\
# yaml-language-server: $schema=../docs/access.schema.json
# Over how many stacks things are spread; written by `keywright spread`. Who stays somewhere must not move.
"""


def spread(declarations: Declarations, kind: Kind, stacks: int) -> Shards:
    """Give the shards with more stacks for a kind: whoever is declared stays, and newcomers come into the new ones.

    Where nothing of the kind is declared yet, all stacks are new.
    """
    shards = declarations.shards
    stay: dict[str, list[str]] = {}
    for name in getattr(declarations, SECTIONS[kind]):
        stay.setdefault(stack_name(kind, shards.number(kind, name)), []).append(name)
    staying = {stack: tuple(sorted(names)) for stack, names in sorted(stay.items())}
    return shards.model_copy(
        update={kind: Spread(stacks=stacks, newcomers_from=_full(shards, kind) if stay else 0, stay=staying)}
    )


def _full(shards: Shards, kind: Kind) -> int:
    return len(shards.numbers(kind))


def written(shards: Shards) -> str:
    """Write the section as a file of its own, one name a line, so that a removal is one line too."""
    return "\n".join([f"{_HEAD}shards:", *_lines(shards), ""])


def _lines(shards: Shards) -> Iterator[str]:
    for kind in STACKS:
        spread_over = shards.of(kind)
        if spread_over == Spread():
            continue
        yield f"  {kind}:"
        yield f"    stacks: {spread_over.stacks}"
        if spread_over.newcomers_from:
            yield f"    newcomers_from: {spread_over.newcomers_from}"
        if spread_over.stay:
            yield "    stay:"
        for stack, names in spread_over.stay.items():
            yield f"      {stack}:"
            yield from (f'        - "{name}"' for name in names)
