"""The known names that are most similar to a misspelled one."""

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
    """Give the three most similar names, the most similar first.

    Of many names, only similar ones are given, and only names with a similar beginning or end are compared: this keeps
    a file full of mistakes fast.
    """
    known, reversed_names = _in_order(tuple(names))
    short = word[:_LONGEST]
    if not short:
        return list(known[:MOST])
    if len(known) <= _FEW:
        return get_close_matches(short, known, n=MOST, cutoff=0)
    candidates = {*_around(short, known), *(name[::-1] for name in _around(short[::-1], reversed_names))}
    # Some names are always given, so that a message shows what they look like.
    return get_close_matches(short, sorted(candidates), n=MOST, cutoff=_NEAR) or list(known[:MOST])


@lru_cache(maxsize=16)
def _in_order(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sort names, and the same names reversed."""
    known = tuple(sorted(set(names)))
    return known, tuple(sorted(name[::-1] for name in known))


def _around(word: str, ordered: tuple[str, ...]) -> tuple[str, ...]:
    place = bisect(ordered, word)
    return ordered[max(0, place - _AROUND) : place + _AROUND]
