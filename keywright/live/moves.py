"""Who would move from one stack to another: they would be deleted by the one and made anew by the other.

`keywright spread` moves nobody. A list of those who stay that was edited by hand, or fewer stacks than before, would;
and a stack that is in no assembly any more is deployed no more, so that whoever is in it would stay for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.names import declared_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, order=True, slots=True)
class Move:
    """What is deployed in one stack, such as `user/alice`, and would stand in another; in none where that stack is left out."""

    what: str
    stack: str
    to: str


class MovingError(Exception):
    """Somebody would move; nothing may be deployed."""

    def __init__(self, moving: Sequence[Move]) -> None:
        names = ", ".join(each.what for each in moving[:10])
        super().__init__(f"in another stack than where they are deployed: {names}")
        self.moves = moving


def moves(new: Mapping[str, Any], deployed: Mapping[str, Any]) -> list[Move]:
    """List what is deployed in one stack and new in another, and what is in a stack of which there is no new template."""
    was = {what: stack for stack, template in deployed.items() for what in _declared(template)}
    will = {what: stack for stack, template in new.items() for what in _declared(template)}
    return sorted(
        Move(what, stack, will.get(what, ""))
        for what, stack in was.items()
        if (what in will or stack not in new) and will.get(what) != stack
    )


def _declared(template: Mapping[str, Any]) -> Iterator[str]:
    return filter(None, map(declared_name, template.get("Resources", {})))
