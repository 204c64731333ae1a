"""The few names that somebody may have meant."""

from __future__ import annotations

from bisect import bisect
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 3
_FEW, _AROUND = 30, 12
_LONGEST = 100
_NEAR = 0.5


def nearest(word: str, names: Iterable[str]) -> list[str]:
    """Give the nearest three names, the nearest first; of many names, only those that are near at all.

    Of many names only those that begin or end alike are compared, so that a file full of mistakes is still
    answered at once.
    """
    known, mirrored = _in_order(tuple(names))
    short = word[:_LONGEST]
    if not short:
        return list(known[:MOST])
    if len(known) <= _FEW:
        return get_close_matches(short, known, n=MOST, cutoff=0)
    alike = {*_around(short, known), *(name[::-1] for name in _around(short[::-1], mirrored))}
    return get_close_matches(short, sorted(alike), n=MOST, cutoff=_NEAR) or list(known[:MOST])


@lru_cache(maxsize=16)
def _in_order(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sort names by their beginnings, and by their ends."""
    known = tuple(sorted(set(names)))
    return known, tuple(sorted(name[::-1] for name in known))


def _around(word: str, ordered: tuple[str, ...]) -> tuple[str, ...]:
    place = bisect(ordered, word)
    return ordered[max(0, place - _AROUND) : place + _AROUND]
