"""Remembering what was computed for a text, within bounded memory whatever the texts are."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

OfText = TypeVar("OfText", bound=Callable[..., Any])
_MOST, _LONGEST = 65_536, 512


def memoized(make: OfText) -> OfText:
    """Cache the results for texts of ordinary length; longer ones, which real policies do not have, are not cached.

    The text is the first argument; the others are hashable.
    """
    cached = lru_cache(maxsize=_MOST)(make)

    @wraps(make)
    def call(text: str, *others: Any) -> Any:
        return cached(text, *others) if len(text) <= _LONGEST else make(text, *others)

    return cast("OfText", call)
