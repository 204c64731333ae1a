"""Sets of single values of a condition key, as condition operators define them.

Each operator family reads a value as one type: text, number, date, address, bytes. Sets of one type are
exact. Where operators of several types test one key, the sets are combined as an over-approximation.
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
    """The type that an operator reads a value as."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    ADDRESS = "address"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class ValueSet:
    """Values of one type: `texts` for text and bytes, otherwise `numbers`.

    `is_open` says that they contain a variable.
    """

    type: ValueType
    texts: frozenset[Language] = frozenset()
    numbers: Intervals = NO_NUMBER
    is_open: bool = False


ValueConstraint = tuple[ValueSet, bool]
"""A set of values, and whether the value must be in it (True) or must not be in it."""

ORDERED_TYPES: dict[ValueType, Intervals] = {
    ValueType.NUMBER: EVERY_NUMBER,
    ValueType.MOMENT: EVERY_NUMBER,
    ValueType.ADDRESS: all_addresses(),
}
"""The types whose values are numbers on a line; a text may not be readable as one."""


def value_set(condition: Condition, operator: Operator) -> ValueSet | None:
    """Return the values that a condition compares with, before negation; None where one cannot be read."""
    made = _MAKERS[operator.family](condition, operator)
    return made if made is None or not condition.has_variables else _opened(made)


def _opened(made: ValueSet) -> ValueSet:
    return ValueSet(made.type, made.texts, made.numbers, is_open=True)


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
    """Take wildcards as plain characters."""
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
    value_type: ValueType, read: Callable[[str], Decimal | None]
) -> Callable[[Condition, Operator], ValueSet | None]:
    def make(condition: Condition, operator: Operator) -> ValueSet | None:
        bounds = [read(value) for value in condition.values]
        known = [bound for bound in bounds if bound is not None]
        if len(known) < len(bounds):
            return None
        return ValueSet(value_type, numbers=union(_side(operator.relation, bound) for bound in known))

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
    """A value that satisfies the constraints, as a word of its type; `is_exact` where it certainly does."""

    word: Word
    is_exact: bool


@memoized
def has_value(constraints: frozenset[ValueConstraint]) -> FoundValue | None:
    """Return some value that satisfies all constraints, perhaps with fresh characters; None is a proof."""
    return _value(constraints, some_word)


def find_value(constraints: frozenset[ValueConstraint]) -> FoundValue | None:
    """Return a value of ordinary characters that satisfies all constraints; None is a proof."""
    return _value(constraints, find_word)


def _value(constraints: frozenset[ValueConstraint], find: FindWord) -> FoundValue | None:
    value_types = {constraint[0].type for constraint in constraints} or {ValueType.TEXT}
    words: list[Word] = []
    for value_type in sorted(value_types, key=lambda each: each.value, reverse=True):
        word = _word_in(
            value_type, [constraint for constraint in constraints if constraint[0].type is value_type], find
        )
        if word is None:
            return None
        words.append(word)
    if len(value_types) == 1:
        return FoundValue(words[0], is_exact=not any(each.is_open for each, _ in constraints))
    return _agreeing(words, constraints)


def _word_in(value_type: ValueType, constraints: list[ValueConstraint], find: FindWord) -> Word | None:
    if value_type in ORDERED_TYPES:
        return _number_word(value_type, constraints)
    required = [each.texts for each, is_in in constraints if is_in]
    excluded = {text for each, is_in in constraints if not is_in for text in each.texts}
    if value_type is not ValueType.BYTES:
        return find(required, excluded)
    word = find(required, {*excluded, language(())}) or find(
        required, excluded
    )  # prefer a value that is not empty
    return None if word is None else _base64_word(word)


def _number_word(value_type: ValueType, constraints: list[ValueConstraint]) -> Word | None:
    left = ORDERED_TYPES[value_type]
    for each, is_in in constraints:
        left &= each.numbers if is_in else ~each.numbers
    sample = left.sample()
    return None if sample is None else tuple(_spelled(value_type, sample))


def _spelled(value_type: ValueType, sample: int | Decimal) -> str:
    if value_type is ValueType.ADDRESS:
        return address_text(sample)
    if value_type is ValueType.MOMENT:
        return moment_text(Decimal(sample))
    return f"{sample:f}" if isinstance(sample, Decimal) else str(sample)


def moment_text(seconds: Decimal) -> str:
    """Return Unix seconds as a date, or as a number where no date represents them."""
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


def _agreeing(words: list[Word], constraints: frozenset[ValueConstraint]) -> FoundValue | None:
    """Choose one of the words of all types that satisfies every type.

    Otherwise it stays open whether one exists.

    If the value must be one of a few texts, each of them is tried, and None is a proof.
    """
    few = _few_texts(constraints)
    if few and all(_surely_fails(text, constraints) for text in few):
        return None
    literal = [
        tuple(each.literal)
        for constraint, is_in in constraints
        if is_in
        for each in constraint.texts
        if each.literal is not None and constraint.type is ValueType.TEXT
    ]
    for word in (*words, *literal):
        if all(isinstance(symbol, str) for symbol in word) and satisfies(
            "".join(map(str, word)), constraints
        ):
            return FoundValue(word, is_exact=True)
    return FoundValue(words[0], is_exact=False)


def _few_texts(constraints: Iterable[ValueConstraint]) -> list[str]:
    for each, is_in in constraints:
        texts = [one.literal for one in each.texts if one.literal is not None]
        if is_in and each.type is ValueType.TEXT and len(texts) == len(each.texts):
            return texts
    return []


def _surely_fails(text: str, constraints: Iterable[ValueConstraint]) -> bool:
    answers = ((contains_value(text, each), each.is_open, is_in) for each, is_in in constraints)
    return any(found is not None and not is_open and found is not is_in for found, is_open, is_in in answers)


def satisfies(text: str, constraints: Iterable[ValueConstraint]) -> bool:
    """Return whether a text certainly satisfies all constraints, each in its own type."""
    return all(not each.is_open and contains_value(text, each) is is_in for each, is_in in constraints)


def contains_value(text: str, values: ValueSet) -> bool | None:
    """Return whether a text is one of the values; None where it cannot be read as their type."""
    if values.type is ValueType.TEXT:
        return any(each.contains(text) for each in values.texts)
    if values.type is ValueType.ADDRESS:
        block = network(text)
        inside = addresses_in(text)
        return None if block is None or inside is None else not (inside & ~values.numbers).cuts
    if values.type is ValueType.BYTES:
        content = _decoded(text)
        return None if content is None else any(each.contains(content.hex()) for each in values.texts)
    read = number(text) if values.type is ValueType.NUMBER else instant(text)
    return None if read is None else read in values.numbers


def is_readable_as(value_type: ValueType, text: str) -> bool:
    """Return whether a text can be read as a number, a date, an address."""
    return contains_value(text, ValueSet(value_type)) is not None


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
