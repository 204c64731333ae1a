"""Sets of single values of a condition key, as condition operators describe them.

Each operator family has its own view of a value: a text, a number, a moment, an address, bytes. Within one view
sets are exact. Where operators of several views ask about one key, what each view allows on its own is taken: never
too little.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from keywright.policy.conditions import Family, instant, network, number
from keywright.policy.matching.patterns import Wildcard
from keywright.reasoning.sets.emptiness import find_word, some_word
from keywright.reasoning.sets.intervals import (
    EVERY_NUMBER,
    NO_NUMBER,
    Intervals,
    above,
    address_text,
    addresses_in,
    all_addresses,
    below,
    point,
    union,
)
from keywright.reasoning.sets.languages import Dialect, Language, language, pattern
from keywright.reasoning.sets.memo import memoized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from keywright.policy.conditions import Condition, Operator
    from keywright.policy.matching.variables import Token
    from keywright.reasoning.sets.emptiness import Union, Word

    FindWord = Callable[[Sequence[Union], Iterable[Language]], Word | None]


class ValueType(Enum):
    """What a value is taken for."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    ADDRESS = "address"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class ValueSet:
    """Values of one view: `texts` of a text or bytes, else `numbers`. `is_open` says that a variable is in it."""

    view: ValueType
    texts: frozenset[Language] = frozenset()
    numbers: Intervals = NO_NUMBER
    is_open: bool = False


ValueConstraint = tuple[ValueSet, bool]
"""A set of values and whether the value must (true) or must not belong to it."""

ORDERED_TYPES: dict[ValueType, Intervals] = {
    ValueType.NUMBER: EVERY_NUMBER,
    ValueType.MOMENT: EVERY_NUMBER,
    ValueType.ADDRESS: all_addresses(),
}
"""The views in which a value is a place on a line; a text may be none."""


def value_set(condition: Condition, operator: Operator) -> ValueSet | None:
    """Give the values that one of the condition's values stands for, before negation; None when one can't be read."""
    made = _MAKERS[operator.family](condition, operator)
    return made if made is None or not condition.has_variables else _opened(made)


def _opened(made: ValueSet) -> ValueSet:
    return ValueSet(made.view, made.texts, made.numbers, is_open=True)


def _texts(condition: Condition, operator: Operator) -> ValueSet:
    dialect = Dialect.ANY_CASE if operator.relation == "equalsignorecase" else Dialect.TEXT
    is_pattern = operator.relation == "like"
    if operator.family is Family.ARN:
        dialect = Dialect.ARN
    return ValueSet(
        ValueType.TEXT,
        frozenset(pattern(parts if is_pattern else _plain(parts), dialect) for parts in condition.tokens),
    )


def _plain(parts: Iterable[Token]) -> tuple[Token, ...]:
    """Take wildcards for plain characters."""
    return tuple(part.value if isinstance(part, Wildcard) else part for part in parts)


def _booleans(condition: Condition, _: Operator) -> ValueSet | None:
    lowered = {value.lower() for value in condition.values}
    if not lowered <= {"true", "false"}:
        return None
    return ValueSet(ValueType.TEXT, frozenset(language((each,), Dialect.ANY_CASE) for each in lowered))


def _bytes(condition: Condition, _: Operator) -> ValueSet | None:
    decoded = [_decoded(value) for value in condition.values]
    known = [each for each in decoded if each is not None]
    if len(known) < len(decoded):
        return None
    return ValueSet(
        ValueType.BYTES, frozenset(language((each.hex(),)) if each else language(()) for each in known)
    )


def _ordered(
    view: ValueType, read: Callable[[str], Decimal | None]
) -> Callable[[Condition, Operator], ValueSet | None]:
    def make(condition: Condition, operator: Operator) -> ValueSet | None:
        bounds = [read(value) for value in condition.values]
        known = [bound for bound in bounds if bound is not None]
        if len(known) < len(bounds):
            return None
        return ValueSet(view, numbers=union(_side(operator.relation, bound) for bound in known))

    return make


def _side(relation: str, bound: Decimal) -> Intervals:
    if relation == "equals":
        return point(bound)
    inclusive = relation.endswith("equals")
    return below(bound, inclusive=inclusive) if "less" in relation else above(bound, inclusive=inclusive)


def _addresses(condition: Condition, _: Operator) -> ValueSet | None:
    blocks = [addresses_in(value) for value in condition.values]
    known = [block for block in blocks if block is not None]
    return ValueSet(ValueType.ADDRESS, numbers=union(known)) if len(known) == len(blocks) else None


_MAKERS: dict[Family, Callable[[Condition, Operator], ValueSet | None]] = {
    Family.STRING: _texts,
    Family.ARN: _texts,
    Family.BOOL: _booleans,
    Family.BINARY: _bytes,
    Family.NUMERIC: _ordered(ValueType.NUMBER, number),
    Family.DATE: _ordered(ValueType.MOMENT, instant),
    Family.IP_ADDRESS: _addresses,
}


@dataclass(frozen=True, slots=True)
class FoundValue:
    """A value that meets the demands, as a word of its view; `is_exact` when it surely does."""

    word: Word
    is_exact: bool


@memoized
def has_value(demands: frozenset[ValueConstraint]) -> FoundValue | None:
    """Give some value that meets all demands, be it an odd one; None is a proof that there is none.

    Raises:
        TooManyTextsError: The patterns overlap in too many ways.
    """
    return _value(demands, some_word)


def find_value(demands: frozenset[ValueConstraint]) -> FoundValue | None:
    """Give a value that meets all demands, of ordinary characters; None is a proof that there is none.

    Raises:
        TooManyTextsError: The patterns overlap in too many ways.
    """
    return _value(demands, find_word)


def _value(demands: frozenset[ValueConstraint], find: FindWord) -> FoundValue | None:
    views = {demand[0].view for demand in demands} or {ValueType.TEXT}
    words: list[Word] = []
    for view in sorted(views, key=lambda each: each.value, reverse=True):
        word = _word_in(view, [demand for demand in demands if demand[0].view is view], find)
        if word is None:
            return None
        words.append(word)
    if len(views) == 1:
        return FoundValue(words[0], is_exact=not any(each.is_open for each, _ in demands))
    return _agreeing(words, demands)


def _word_in(view: ValueType, demands: list[ValueConstraint], find: FindWord) -> Word | None:
    if view in ORDERED_TYPES:
        return _number_word(view, demands)
    required = [each.texts for each, is_in in demands if is_in]
    excluded = {text for each, is_in in demands if not is_in for text in each.texts}
    if view is not ValueType.BYTES:
        return find(required, excluded)
    word = find(required, {*excluded, language(())}) or find(
        required, excluded
    )  # rather some bytes than none
    return None if word is None else _base64_word(word)


def _number_word(view: ValueType, demands: list[ValueConstraint]) -> Word | None:
    left = ORDERED_TYPES[view]
    for each, is_in in demands:
        left &= each.numbers if is_in else ~each.numbers
    sample = left.sample()
    return None if sample is None else tuple(_spelled(view, sample))


def _spelled(view: ValueType, sample: int | Decimal) -> str:
    if view is ValueType.ADDRESS:
        return address_text(sample)
    if view is ValueType.MOMENT:
        return moment_text(Decimal(sample))
    return f"{sample:f}" if isinstance(sample, Decimal) else str(sample)


def moment_text(seconds: Decimal) -> str:
    """Write Unix seconds as a date where a date can say them, else as they are."""
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return f"{seconds:f}"
    if seconds != int(seconds):
        return f"{seconds:f}"
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else f"{seconds:f}"  # noqa: PLR2004


def _base64_word(word: Word) -> Word:
    text = "".join(map(str, word))
    try:
        content = bytes.fromhex(text)
    except ValueError:
        content = text.encode()
    return tuple(base64.b64encode(content).decode())


def _agreeing(words: list[Word], demands: frozenset[ValueConstraint]) -> FoundValue | None:
    """Choose among the views' words one that suits all views; if none does, whether one exists stays open.

    Where the value must be one of a few texts, each is tried, and none is a proof.
    """
    few = _few_texts(demands)
    if few and all(_surely_fails(text, demands) for text in few):
        return None
    literal = [
        tuple(each.literal)
        for demand, is_in in demands
        if is_in
        for each in demand.texts
        if each.literal is not None and demand.view is ValueType.TEXT
    ]
    for word in (*words, *literal):
        if all(isinstance(symbol, str) for symbol in word) and satisfies("".join(map(str, word)), demands):
            return FoundValue(word, is_exact=True)
    return FoundValue(words[0], is_exact=False)


def _few_texts(demands: Iterable[ValueConstraint]) -> list[str]:
    for each, is_in in demands:
        texts = [one.literal for one in each.texts if one.literal is not None]
        if is_in and each.view is ValueType.TEXT and len(texts) == len(each.texts):
            return texts
    return []


def _surely_fails(text: str, demands: Iterable[ValueConstraint]) -> bool:
    answers = ((contains_value(text, each), each.is_open, is_in) for each, is_in in demands)
    return any(found is not None and not is_open and found is not is_in for found, is_open, is_in in answers)


def satisfies(text: str, demands: Iterable[ValueConstraint]) -> bool:
    """Tell whether a text surely meets all demands, each in its own view."""
    return all(not each.is_open and contains_value(text, each) is is_in for each, is_in in demands)


def contains_value(text: str, values: ValueSet) -> bool | None:
    """Tell whether a text is among the values; None when the view can't read it."""
    if values.view is ValueType.TEXT:
        return any(each.contains(text) for each in values.texts)
    if values.view is ValueType.ADDRESS:
        block = network(text)
        inside = addresses_in(text)
        return None if block is None or inside is None else not (inside & ~values.numbers).cuts
    if values.view is ValueType.BYTES:
        content = _decoded(text)
        return None if content is None else any(each.contains(content.hex()) for each in values.texts)
    read = number(text) if values.view is ValueType.NUMBER else instant(text)
    return None if read is None else read in values.numbers


def is_readable_as(view: ValueType, text: str) -> bool:
    """Tell whether a text is a number, a moment, an address."""
    return contains_value(text, ValueSet(view)) is not None


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
