"""Three-valued answers: what is not known is neither yes nor no."""

from __future__ import annotations

from enum import IntEnum


class Truth(IntEnum):
    """Yes, no, or not to be told from what is known.

    Ordered, so that `min` is *and*, `max` is *or*; `negation` is *not*.
    """

    NO = 0
    MAYBE = 1
    YES = 2


NO, MAYBE, YES = Truth.NO, Truth.MAYBE, Truth.YES

_NEGATION = (YES, MAYBE, NO)


def negation(truth: Truth) -> Truth:
    """Turn yes into no and no into yes; what is not known stays so."""
    return _NEGATION[truth]


def truth(known: bool) -> Truth:  # noqa: FBT001 - it is the value itself
    """Lift what is known for certain."""
    return YES if known else NO
