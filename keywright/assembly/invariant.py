"""An invariant as somebody wrote it, before it is asked of an assembly."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal
from zlib import crc32

from keywright.reporting.finding import Location

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.policy.statement import Conditions

EVERYONE = "everyone"
_MOST_NAMED = 4
NOWHERE = Location("invariants")
"""Where an invariant stands that was declared in Python."""


@dataclass(frozen=True)
class Declared:
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
    location: Location = NOWHERE

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
