"""The context of a request as far as it is known, and answers in three values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Missing(Enum):
    """Why a key has no value to compare."""

    ABSENT = "absent"
    """The request does not carry the key."""
    UNKNOWN = "unknown"
    """Whether the request carries the key is not known."""
    HIDDEN = "hidden"
    """The request carries the key; its value is not known."""


ABSENT, UNKNOWN, HIDDEN = Missing.ABSENT, Missing.UNKNOWN, Missing.HIDDEN

Values = tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """Context keys (in lower case, as their names are case-insensitive) with their values.

    With `complete`, a key that is not listed is absent. Otherwise it is absent if in `absent`, hidden if in `hidden`,
    and else unknown. A key without values is absent.
    """

    values: Mapping[str, Values] = field(default_factory=dict)
    complete: bool = True
    absent: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        values: Mapping[str, Values],
        *,
        complete: bool = True,
        absent: frozenset[str] = frozenset(),
        hidden: frozenset[str] = frozenset(),
    ) -> Context:
        """Make a context from keys in any case."""
        lowered = {key.lower(): each for key, each in values.items()}
        return cls(lowered, complete, _lower(absent), _lower(hidden))

    def lookup(self, key: str) -> Values | Missing:
        """Give the values of a key in lower case, or why it has none."""
        found = self.values.get(key)
        if found is not None:
            return found or ABSENT
        if key in self.hidden:
            return HIDDEN
        return ABSENT if self.complete or key in self.absent else UNKNOWN


def _lower(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key.lower() for key in keys)


class Truth(IntEnum):
    """Yes, no, or undecided.

    Ordered, so that `min` is *and*, `max` is *or*; `negation` is *not*.
    """

    NO = 0
    MAYBE = 1
    YES = 2


NO, MAYBE, YES = Truth.NO, Truth.MAYBE, Truth.YES

_NEGATION = (YES, MAYBE, NO)


def negation(truth: Truth) -> Truth:
    """Swap yes and no; maybe stays."""
    return _NEGATION[truth]


def truth(known: bool) -> Truth:  # noqa: FBT001 - it is the value itself
    """Convert a bool."""
    return YES if known else NO
