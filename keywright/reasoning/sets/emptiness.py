"""Emptiness, inclusion and disjointness of pattern languages: exact, within a budget of steps.

Variables are approximated in both directions: what must match is never too narrow, what must not match is
never too wide. So the answer *no text exists* is right for all values of the variables, while a text that is
found may need specific values.

Most patterns have no `?`. For patterns of literals and `*`, over an alphabet with characters that no policy
uses, inclusion and disjointness follow from the patterns alone: one includes another exactly if it matches
the other's spelling with a fresh character for each wildcard. Other cases use the product construction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.variables import Variable
from keywright.reasoning.sets.languages import EVERYTHING, FRESH, Language, over_approximation
from keywright.reasoning.sets.memo import memoized
from keywright.reasoning.sets.product import PatternsTooComplexError, ProductSearch, Symbol, Union, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.reasoning.sets.languages import Language


@memoized
def is_subset(inner: Language, outer: Language) -> bool:
    """Return whether every text of one pattern belongs to the other, for all values of the variables."""
    if inner is outer or outer.is_everything:
        return True
    if outer.literal is not None or inner.literal is not None:
        return inner.literal is not None and outer.contains(inner.literal)
    # False is safe here: inclusion must hold for every value, which then cannot be shown.
    if inner.may_shift_fields or outer.may_shift_fields or not _ends_fit(inner, outer):
        return False
    return _is_subset(over_approximation(inner) if inner.has_variable_case else inner, outer)


def _is_subset(inner: Language, outer: Language) -> bool:
    if inner.is_ordinary and outer.is_ordinary and inner.leading == outer.leading:
        if outer.leading:
            return all(is_subset(one, other) for one, other in zip(inner.fields, outer.fields, strict=True))
        if not outer.has_question_mark:
            return outer.matches_spelling(inner.spelling)
    return ProductSearch(inner, (), (outer,)).shortest_word() is None


def is_disjoint(one: Language, other: Language) -> bool:
    """Return whether no text belongs to both, for all values of the variables."""
    return _is_disjoint(over_approximation(one), over_approximation(other))


@memoized
def _is_disjoint(one: Language, other: Language) -> bool:
    if one is other or one.is_everything or other.is_everything:
        return False
    # A cheap test that settles most pairs without an automaton.
    if not _ends_fit(one, other):
        return True
    if one.literal is not None:
        return not other.contains(one.literal)
    if other.literal is not None:
        return not one.contains(other.literal)
    return _have_no_common_text(one, other)


def _have_no_common_text(one: Language, other: Language) -> bool:
    if one.is_ordinary and other.is_ordinary and one.leading == other.leading:
        if one.leading:
            return any(is_disjoint(mine, its) for mine, its in zip(one.fields, other.fields, strict=True))
        # With a `*` in both, any two middles can be concatenated: only prefixes and suffixes can
        # conflict.
        if one.has_star and other.has_star:
            beginnings = _agree(one.beginning, other.beginning)
            return not (beginnings and _agree(one.ending[::-1], other.ending[::-1]))
    return ProductSearch(one, (frozenset({other}),), ()).shortest_word() is None


def _agree(one: str, other: str) -> bool:
    """Return whether a text may start with both; a fresh character stands for any."""
    if FRESH not in one and FRESH not in other:
        return one.startswith(other) or other.startswith(one)
    return all(mine == its or FRESH in (mine, its) for mine, its in zip(one, other, strict=False))


def _ends_fit(one: Language, other: Language) -> bool:
    """Return whether the literal prefixes and suffixes of two patterns are compatible."""
    if not (one.head.startswith(other.head) or other.head.startswith(one.head)):
        return False
    return one.tail.endswith(other.tail) or other.tail.endswith(one.tail)


def is_subset_of_any(inner: Language, outers: Iterable[Language]) -> bool:
    """Return whether a pattern is a subset of one of several."""
    return any(is_subset(inner, outer) for outer in outers)


__all__ = [
    "PatternsTooComplexError",
    "Symbol",
    "Union",
    "Word",
    "find_word",
    "is_disjoint",
    "is_subset",
    "some_word",
    "text_of",
]


def some_word(required: Sequence[Union], excluded: Iterable[Language]) -> Word | None:
    """Return a text that matches one pattern of each union in `required` and none in `excluded`.

    It may contain fresh characters and variables. Without requirements every text qualifies. None is a proof
    that there is no such text.
    """
    return _word(required, excluded, is_quick=True)


def find_word(required: Sequence[Union], excluded: Iterable[Language]) -> Word | None:
    """Return such a text, short and of ordinary characters."""
    return _word(required, excluded, is_quick=False)


def _word(required: Sequence[Union], excluded: Iterable[Language], *, is_quick: bool) -> Word | None:
    excluded_set = frozenset(excluded)
    if not required:
        return _word_of(EVERYTHING, [], excluded_set, is_quick=is_quick)
    word: Word | None = None
    # Each union that may hide a variable must yield a word; one failure proves that there is none.
    for generators in _spelled_out(required):
        others = [union for union in required if union is not generators]
        word = _word_among(generators, others, excluded_set, is_quick=is_quick)
        if word is None:
            return None
    return word


def _spelled_out(required: Sequence[Union]) -> list[Union]:
    """Return the unions to generate texts from.

    One is enough, unless a variable is visible only in another one.
    """
    if any(each.variables for union in required for each in union):
        return sorted(required, key=_cost)
    return [min(required, key=_cost)]


def _word_among(
    generators: Union, others: list[Union], excluded_set: Union, *, is_quick: bool
) -> Word | None:
    for generator in sorted(generators, key=_plainness):
        word = _word_of(generator, others, excluded_set, is_quick=is_quick)
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
    if generator.may_shift_fields or generator.has_variable_case:
        generator = over_approximation(generator)
    # An exclusion with shifting fields is dropped: it is not certain what it excludes.
    near = frozenset(
        each for each in excluded if not each.may_shift_fields and not is_disjoint(generator, each)
    )
    restrictions = None if is_subset_of_any(generator, near) else _restrictions(generator, others)
    if restrictions is None:
        return None
    return (is_quick and _guessed_word(generator, restrictions, near)) or ProductSearch(
        generator, restrictions, near
    ).shortest_word()


def _restrictions(generator: Language, others: list[Union]) -> tuple[Union, ...] | None:
    """Return what other unions add to a pattern, each reduced to what intersects it.

    None where one leaves nothing.
    """
    restrictions: list[Union] = []
    for union in others:
        meeting = frozenset(each for each in union if not is_disjoint(generator, each))
        if not meeting:
            return None
        if not is_subset_of_any(generator, meeting):
            restrictions.append(meeting)
    return tuple(restrictions)


def _guessed_word(generator: Language, restrictions: tuple[Union, ...], near: Union) -> Word | None:
    unions = [frozenset({generator}), *restrictions]
    words = (_literal_word(text, unions, near) for text in _guesses(generator, restrictions))
    return next((word for word in words if word is not None), None)


def _guesses(generator: Language, restrictions: tuple[Union, ...]) -> Iterator[str]:
    """Yield texts that are likely to qualify: with fresh characters, which exclusions rarely match."""
    if generator.variables:
        return
    if not restrictions:
        yield generator.spelling
        return
    for each in min(restrictions, key=len):
        other = over_approximation(each)
        yield _both(generator, other)
        yield _both(other, generator)


def _both(one: Language, other: Language) -> str:
    """Return a text of both patterns, if their prefixes and suffixes agree and each has a `*`."""
    beginning = max(one.beginning, other.beginning, key=len)
    ending = max(one.ending, other.ending, key=len)
    return f"{beginning}{FRESH}{one.middle}{FRESH}{other.middle}{FRESH}{ending}"


def _literal_word(text: str, others: list[Union], excluded: Union) -> Word | None:
    if any(each.contains(text) for each in excluded):
        return None
    if all(any(over_approximation(each).contains(text) for each in union) for union in others):
        return tuple(text)
    return None


def text_of(word: Word) -> str | None:
    """Join a word to a text; None where it contains a variable."""
    if any(isinstance(symbol, Variable) for symbol in word):
        return None
    return "".join(str(symbol) for symbol in word)
