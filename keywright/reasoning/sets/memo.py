"""Caches that comparisons share: patterns and their relations, limited in number and total size."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_WEIGHT = 32 * 1024 * 1024
"""Characters of patterns; an ordinary policy has a few thousand."""
MOST_ENTRIES = 65_536
"""Entries of one cache."""

Function = TypeVar("Function", bound="Callable[..., Any]")


@dataclass
class Memo:
    """Caches that are cleared together, between comparisons, when the patterns in them become too large."""

    weight: int = 0
    _clear_functions: list[Callable[[], None]] = field(default_factory=list)

    def memoize(self, function: Function) -> Function:
        """Cache the results of a function with hashable arguments."""
        cached = lru_cache(maxsize=MOST_ENTRIES)(function)
        self._clear_functions.append(cached.cache_clear)
        return cast("Function", cached)

    def clear_if_large(self) -> None:
        """Clear all caches if they have become too large; objects in use are not affected."""
        if self.weight > LARGEST_WEIGHT:
            for clear in self._clear_functions:
                clear()
            self.weight = 0


MEMO = Memo()
memoized = MEMO.memoize
