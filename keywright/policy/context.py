"""What is known of a request beside principal, action and resource: its context keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
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
    """Keys (in lower case, for names are compared without case) and their values.

    `complete` says that what is not listed is absent. Otherwise a key is absent when listed in `absent`, hidden
    when listed in `hidden`, and else unknown. A key with no values is absent.
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
        """Give the values of a key written in lower case, or why there are none."""
        found = self.values.get(key)
        if found is not None:
            return found or ABSENT
        if key in self.hidden:
            return HIDDEN
        return ABSENT if self.complete or key in self.absent else UNKNOWN


def _lower(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key.lower() for key in keys)
