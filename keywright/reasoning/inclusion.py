"""How two patterns lie to each other: one within the other, or apart.

Policies hold few `?`. For patterns with literals and `*` alone, over an alphabet that no policy exhausts, both
questions are answered by reading the patterns: one is within another exactly when the other matches its spelling
with an odd character for each wildcard, and two with a `*` each meet exactly when their beginnings and their ends
agree. The rest is walked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.reasoning.languages import ODD, loosened
from keywright.reasoning.remembering import remembered
from keywright.reasoning.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.reasoning.languages import Language


@remembered
def within(inner: Language, outer: Language) -> bool:
    """Tell whether every text of one pattern belongs to the other, whatever the variables' values.

    Raises:
        TooManyTextsError: The two overlap in too many ways.
    """
    if inner is outer or outer.is_everything:
        return True
    if outer.literal is not None or inner.literal is not None:
        return inner.literal is not None and outer.contains(inner.literal)
    if inner.is_shifting or outer.is_shifting or not _may_meet(inner, outer):
        return False
    return _is_within(loosened(inner) if inner.is_respelled else inner, outer)


def _is_within(inner: Language, outer: Language) -> bool:
    if inner.is_ordinary and outer.is_ordinary and inner.leading == outer.leading:
        if outer.leading:
            return all(within(one, other) for one, other in zip(inner.fields, outer.fields, strict=True))
        if not outer.has_one:
            return outer.takes_spelling(inner.spelling)
    return Walk(inner, (), (outer,)).word() is None


def apart(one: Language, other: Language) -> bool:
    """Tell whether no text belongs to both, whatever the variables' values.

    Raises:
        TooManyTextsError: The two overlap in too many ways.
    """
    return _are_apart(loosened(one), loosened(other))


@remembered
def _are_apart(one: Language, other: Language) -> bool:
    if one is other or one.is_everything or other.is_everything:
        return False
    if not _may_meet(one, other):
        return True
    if one.literal is not None:
        return not other.contains(one.literal)
    if other.literal is not None:
        return not one.contains(other.literal)
    return _never_meet(one, other)


def _never_meet(one: Language, other: Language) -> bool:
    if one.is_ordinary and other.is_ordinary and one.leading == other.leading:
        if one.leading:
            return any(apart(mine, its) for mine, its in zip(one.fields, other.fields, strict=True))
        if one.has_any and other.has_any:
            beginnings = _agree(one.beginning, other.beginning)
            return not (beginnings and _agree(one.ending[::-1], other.ending[::-1]))
    return Walk(one, (frozenset({other}),), ()).word() is None


def _agree(one: str, other: str) -> bool:
    """Tell whether a text may begin with both; an odd character may be any."""
    if ODD not in one and ODD not in other:
        return one.startswith(other) or other.startswith(one)
    return all(mine == its or ODD in (mine, its) for mine, its in zip(one, other, strict=False))


def _may_meet(one: Language, other: Language) -> bool:
    """Tell whether the literal beginnings and ends of two patterns fit together."""
    if not (one.head.startswith(other.head) or other.head.startswith(one.head)):
        return False
    return one.tail.endswith(other.tail) or other.tail.endswith(one.tail)


def any_within(inner: Language, outers: Iterable[Language]) -> bool:
    """Tell whether a pattern is within one of several."""
    return any(within(inner, outer) for outer in outers)
