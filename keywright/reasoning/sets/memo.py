"""What comparisons remember of each other: patterns and how they lie, within bounds of number and of size."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_WEIGHT = 32 * 1024 * 1024
"""Characters of patterns; an ordinary policy has a few thousand."""
MOST_ENTRIES = 65_536
"""Answers of one kind."""

Function = TypeVar("Function", bound="Callable[..., Any]")


@dataclass
class Memo:
    """Caches that are emptied together, between comparisons, once the patterns in them weigh too much."""

    weight: int = 0
    _clear_functions: list[Callable[[], None]] = field(default_factory=list)

    def memoize(self, function: Function) -> Function:
        """Remember the answers of a function whose arguments are hashable."""
        cached = lru_cache(maxsize=MOST_ENTRIES)(function)
        self._clear_functions.append(cached.cache_clear)
        return cast("Function", cached)

    def clear_if_large(self) -> None:
        """Forget everything if it has become too heavy; what is in use stays as it is."""
        if self.weight > LARGEST_WEIGHT:
            for clear in self._clear_functions:
                clear()
            self.weight = 0


MEMO = Memo()
memoized = MEMO.memoize
