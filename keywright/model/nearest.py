"""The few names that somebody may have meant."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 3
_FEW, _MANY, _TOO_MANY = 30, 40, 6_000
_LONGEST = 100


def nearest(word: str, names: Iterable[str]) -> list[str]:
    """Give the nearest three names, the nearest first; of many names, only those that are near at all.

    Among very many names only those with a common beginning or end are compared, so that a file full of
    mistakes is still answered at once.
    """
    known = _in_order(tuple(names))
    if not word:
        return list(known[:MOST])
    if len(known) <= _FEW:
        return get_close_matches(word[:_LONGEST], known, n=MOST, cutoff=0)
    compared = known if len(known) <= _MANY else _alike(word, known)
    return get_close_matches(word[:_LONGEST], compared, n=MOST, cutoff=0.5) or list(known[:MOST])


@lru_cache(maxsize=16)
def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _alike(word: str, known: Sequence[str]) -> list[str]:
    if len(known) > _TOO_MANY:
        return []
    return [name for name in known if name[:2] == word[:2] or name[-3:] == word[-3:]][:_MANY]
