"""Whether a text exists that some patterns match and others don't, and which: exact, within a budget of steps.

Variables are taken both ways. What must match is never judged too narrow, what must not match never too wide, so
that *no text exists* is right for every value of every variable; a text that is found may need other values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.variables import Variable
from keywright.reasoning.inclusion import any_within, apart, within
from keywright.reasoning.languages import EVERYTHING, ODD, Language, loosened
from keywright.reasoning.walk import Symbol, TooManyTextsError, Union, Walk, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "Symbol",
    "TooManyTextsError",
    "Union",
    "Word",
    "apart",
    "find_word",
    "some_word",
    "text_of",
    "within",
]


def some_word(required: Sequence[Union], excluded: Iterable[Language]) -> Word | None:
    """Give some text that matches one pattern of each union in `required` and none in `excluded`, be it an odd one.

    With nothing required every text is asked about. None is a proof; a word may hold variables.

    Raises:
        TooManyTextsError: The patterns overlap in too many ways.
    """
    return _word(required, excluded, is_quick=True)


def find_word(required: Sequence[Union], excluded: Iterable[Language]) -> Word | None:
    """Give such a text, short and of ordinary characters.

    Raises:
        TooManyTextsError: The patterns overlap in too many ways.
    """
    return _word(required, excluded, is_quick=False)


def _word(required: Sequence[Union], excluded: Iterable[Language], *, is_quick: bool) -> Word | None:
    barred = frozenset(excluded)
    if not required:
        return _word_of(EVERYTHING, [], barred, is_quick=is_quick)
    word: Word | None = None
    for generators in _spelled_out(required):
        others = [union for union in required if union is not generators]
        word = _word_among(generators, others, barred, is_quick=is_quick)
        if word is None:
            return None
    return word


def _spelled_out(required: Sequence[Union]) -> list[Union]:
    """Give the unions to take texts from: one does, but variables hide in one what another shows."""
    if any(each.variables for union in required for each in union):
        return sorted(required, key=_cost)
    return [min(required, key=_cost)]


def _word_among(generators: Union, others: list[Union], barred: Union, *, is_quick: bool) -> Word | None:
    for generator in sorted(generators, key=_plainness):
        word = _word_of(generator, others, barred, is_quick=is_quick)
        if word is not None:
            return word
    return None


def _cost(union: Union) -> tuple[bool, int]:
    return any(each.literal is None for each in union), len(union)


def _plainness(each: Language) -> tuple[bool, int, str]:
    return bool(each.variables), len(each.spelling), each.head


def _word_of(generator: Language, others: list[Union], excluded: Union, *, is_quick: bool) -> Word | None:
    if generator in excluded:
        return None
    if generator.literal is not None:
        return _literal_word(generator.literal, others, excluded)
    if generator.is_shifting or generator.is_respelled:
        generator = loosened(generator)
    near = frozenset(each for each in excluded if not each.is_shifting and not apart(generator, each))
    narrowing = None if any_within(generator, near) else _narrowing(generator, others)
    if narrowing is None:
        return None
    return (is_quick and _likely_word(generator, narrowing, near)) or Walk(generator, narrowing, near).word()


def _narrowing(generator: Language, others: list[Union]) -> tuple[Union, ...] | None:
    """Give what of other unions narrows a pattern, each union to what meets it; None when one leaves nothing."""
    narrowing: list[Union] = []
    for union in others:
        meeting = frozenset(each for each in union if not apart(generator, each))
        if not meeting:
            return None
        if not any_within(generator, meeting):
            narrowing.append(meeting)
    return tuple(narrowing)


def _likely_word(generator: Language, narrowing: tuple[Union, ...], near: Union) -> Word | None:
    unions = [frozenset({generator}), *narrowing]
    words = (_literal_word(text, unions, near) for text in _likely(generator, narrowing))
    return next((word for word in words if word is not None), None)


def _likely(generator: Language, narrowing: tuple[Union, ...]) -> Iterator[str]:
    """Yield texts that show most quickly that there is one: as odd as possible, so that exclusions rarely match."""
    if generator.variables:
        return
    if not narrowing:
        yield generator.spelling
        return
    for each in min(narrowing, key=len):
        other = loosened(each)
        yield _both(generator, other)
        yield _both(other, generator)


def _both(one: Language, other: Language) -> str:
    """Give a text of both patterns, where their beginnings and ends agree and each has a `*`."""
    beginning = max(one.beginning, other.beginning, key=len)
    ending = max(one.ending, other.ending, key=len)
    return f"{beginning}{ODD}{one.middle}{ODD}{other.middle}{ODD}{ending}"


def _literal_word(text: str, others: list[Union], excluded: Union) -> Word | None:
    if any(each.contains(text) for each in excluded):
        return None
    if all(any(loosened(each).contains(text) for each in union) for union in others):
        return tuple(text)
    return None


def text_of(word: Word) -> str | None:
    """Join a word to a text; None when it holds a variable."""
    if any(isinstance(symbol, Variable) for symbol in word):
        return None
    return "".join(str(symbol) for symbol in word)
