"""An invariant as somebody wrote it, before it is asked of an assembly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal
from zlib import crc32

from keywright.reporting.finding import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.assembly.templates.template import Resource
    from keywright.policy.statement import Conditions, Statement
    from keywright.reasoning.witnesses.witness import Witness


EVERYONE = "everyone"
_MOST_NAMED = 4
NO_LOCATION = Location("invariants")
"""Where an invariant stands that was declared in Python."""


@dataclass(frozen=True)
class DeclaredInvariant:
    """An invariant as somebody wrote it: names, ARNs or patterns of them; `when` in the form of `Condition`.

    `without_mfa` says that only requests without a second factor count.
    """

    kind: Literal["never", "always"]
    who: tuple[str, ...]
    can: tuple[str, ...]
    on: tuple[str, ...]
    excepting: tuple[str, ...] = ()
    when: Conditions = field(default_factory=lambda: MappingProxyType({}))
    without_mfa: bool = False
    words: str = ""
    location: Location = NO_LOCATION

    @property
    def label(self) -> str:
        """Say it in one line, as it was written."""
        but = f" but {_listed(self.excepting)}" if self.excepting else ""
        when = f" {self.words}" if self.words else ""
        return f"{self.kind}: {_listed(self.who)}{but} can {_listed(self.can)} on {_listed(self.on)}{when}"


def _listed(names: Sequence[str]) -> str:
    """List names; of many the first few, how many more there are, and a checksum, for exceptions go by the text."""
    first, rest = names[:_MOST_NAMED], names[_MOST_NAMED:]
    if not rest:
        return ", ".join(first)
    return f"{', '.join(first)} and {len(rest)} more (#{crc32(', '.join(rest).encode()):08x})"


@dataclass(frozen=True)
class Evidence:
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
class InvariantResult:
    """How one invariant stands; `missing` are names that mean nothing in the assembly."""

    declared: DeclaredInvariant
    breaches: tuple[Evidence, ...] = ()
    doubts: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["proved", "broken", "undecided"]:
        """Say it in a word."""
        return "broken" if self.breaches else "undecided" if self.doubts else "proved"


def merge_evidence(shown: Iterable[Evidence]) -> Iterator[Evidence]:
    """Tell once what stands at one place, with everybody whom it concerns."""
    found: dict[tuple[object, ...], Evidence] = {}
    for each in shown:
        key = each.location, each.through, each.because if not each.is_refused else ""
        known = found.get(key)
        found[key] = (
            each if known is None else replace(known, who=tuple(dict.fromkeys((*known.who, *each.who))))
        )
    yield from found.values()
