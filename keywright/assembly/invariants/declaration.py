"""Invariants as they are declared, and the results of proving them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from keywright.reporting.finding import Location
from keywright.reporting.text import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.assembly.templates.template import Resource
    from keywright.policy.statement import Conditions, Statement
    from keywright.reasoning.witnesses.witness import Witness


EVERYONE = "everyone"
_MOST_NAMED = 4
NO_LOCATION = Location("invariants")
"""The location of an invariant that was declared in Python."""


@dataclass(frozen=True)
class DeclaredInvariant:
    """An invariant as it was declared: names, ARNs or patterns of them; `when` has the form of a `Condition` element.

    With `without_mfa`, only requests without MFA count.
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
        """Write it in one line, as it was declared."""
        but = f" but {_listed(self.excepting)}" if self.excepting else ""
        when = f" {self.words}" if self.words else ""
        return f"{self.kind}: {_listed(self.who)}{but} can {_listed(self.can)} on {_listed(self.on)}{when}"


def _listed(names: Sequence[str]) -> str:
    # Exceptions match findings by this text: the checksum makes one expire when a name that is not shown changes.
    return joined(names, most=_MOST_NAMED, checksum=True)


@dataclass(frozen=True)
class Evidence:
    """A breach of an invariant, or a doubt about it: who, through which roles, by which request, and why.

    `because` is empty for a breach by a statement that allows. `is_refused` states that the request must be allowed
    and is not.
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
    """The result for one invariant; `missing` has the names that the assembly does not have."""

    declared: DeclaredInvariant
    breaches: tuple[Evidence, ...] = ()
    doubts: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["proved", "broken", "undecided"]:
        """Give the verdict in one word."""
        return "broken" if self.breaches else "undecided" if self.doubts else "proved"


def merge_evidence(shown: Iterable[Evidence]) -> Iterator[Evidence]:
    """Merge evidence of the same place and reason into one, for all principals concerned."""
    found: dict[tuple[object, ...], Evidence] = {}
    for each in shown:
        key = each.location, each.through, each.because if not each.is_refused else ""
        known = found.get(key)
        found[key] = (
            each if known is None else replace(known, who=tuple(dict.fromkeys((*known.who, *each.who))))
        )
    yield from found.values()
