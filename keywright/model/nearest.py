"""The few names that somebody may have meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 3
_LONGEST = 100
_FEW, _MANY = 30, 60


def nearest(word: str, names: Iterable[str]) -> list[str]:
    """Give the nearest three names, the nearest first; of many names, only those that are near at all.

    Among very many names only those with a common beginning or end are compared, so that a file full of
    mistakes is still answered at once.
    """
    known = sorted(set(names))
    if len(known) <= _FEW:
        return get_close_matches(word[:_LONGEST], known, n=MOST, cutoff=0)
    compared = known if len(known) <= _MANY else _alike(word, known)
    return get_close_matches(word[:_LONGEST], compared, n=MOST, cutoff=0.5) or known[:MOST]


def _alike(word: str, known: Sequence[str]) -> list[str]:
    return [name for name in known if name[:2] == word[:2] or name[-3:] == word[-3:]][:_MANY]
