"""How an invariant stands, and what stands against it: told once for each place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.invariant import Declared
    from keywright.assembly.template import Resource
    from keywright.policy.statement import Statement
    from keywright.reasoning.witness import Witness
    from keywright.reporting.finding import Location


@dataclass(frozen=True)
class Shown:
    """What stands against an invariant at one place: who, over which roles, by which request, and why.

    `because` is empty for a breach by a statement that allows. `is_refused` tells that the request is what should be
    possible and is not.
    """

    who: tuple[str, ...]
    location: Location
    resource: Resource | None = None
    through: tuple[str, ...] = ()
    request: Witness | None = None
    statement: Statement | None = None
    because: str = ""
    is_refused: bool = False


@dataclass(frozen=True)
class Result:
    """How one invariant stands; `missing` are names that mean nothing in the assembly."""

    declared: Declared
    breaches: tuple[Shown, ...] = ()
    doubts: tuple[Shown, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["proved", "broken", "undecided"]:
        """Say it in a word."""
        return "broken" if self.breaches else "undecided" if self.doubts else "proved"


def merged(shown: Iterable[Shown]) -> Iterator[Shown]:
    """Tell once what stands at one place, with everybody whom it concerns."""
    found: dict[tuple[object, ...], Shown] = {}
    for each in shown:
        key = each.location, each.through, each.because if not each.is_refused else ""
        known = found.get(key)
        found[key] = (
            each if known is None else replace(known, who=tuple(dict.fromkeys((*known.who, *each.who))))
        )
    yield from found.values()
