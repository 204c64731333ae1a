"""Exact sets of values that satisfy conditions on one key: absent, one value, or several values.

A key that only plain operators test has at most one value. Where a set operator tests it as well, it may have
several; AWS does not document what a plain operator answers then, so that answer stays open here.
Sources: "IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from keywright.policy.conditions import Family, SetOperator, when_absent
from keywright.policy.reference import catalogue
from keywright.reasoning.sets.constraints import KeyTest
from keywright.reasoning.sets.languages import language
from keywright.reasoning.sets.memo import MEMO, memoized
from keywright.reasoning.sets.value_sets import (
    ORDERED_TYPES,
    FoundValue,
    ValueSet,
    ValueType,
    contains_value,
    find_value,
    has_value,
    is_readable_as,
    satisfies,
    value_set,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from keywright.policy.conditions import Condition
    from keywright.reasoning.sets.constraints import Constraint, KeyConstraints
    from keywright.reasoning.sets.emptiness import Word
    from keywright.reasoning.sets.value_sets import ValueConstraint

    Find = Callable[[frozenset[ValueConstraint]], FoundValue | None]

_SINGLE_TAGS = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")
_BY_TYPE = {"Numeric": ValueType.NUMBER, "Date": ValueType.MOMENT, "IPAddress": ValueType.ADDRESS}


@cache
def _single_valued_keys() -> Mapping[str, Sequence[str]]:
    """Return the global keys that AWS documents as single-valued, each with the types that its value has.

    Source: "AWS global condition context keys". A key that is not documented may have several values of any type.
    """
    found: Mapping[str, Sequence[str]] = json.loads(
        Path(__file__).with_name("single_valued_keys.json").read_text("utf-8")
    )
    return found


@memoized
def holds_one_value(key: str) -> bool:
    """Return whether AWS documents that a key (in lower case) is single-valued."""
    service, _, name = key.partition(":")
    if service == "aws":
        return key in _single_valued_keys() or key.startswith(_SINGLE_TAGS)
    kind = catalogue.key_type(service, key)
    return name.startswith("resourcetag/") if kind is None else not kind.startswith("ArrayOf")


@memoized
def holds_boolean(key: str) -> bool:
    """Return whether AWS documents that a key (in lower case) is a boolean."""
    service = key.partition(":")[0]
    if service == "aws":
        return "boolean" in _single_valued_keys().get(key, ())
    return catalogue.key_type(service, key) == "Bool"


@memoized
def is_readable(key: str, value_type: ValueType) -> bool:
    """Return whether AWS documents that each value of a key (in lower case) is of a type."""
    service = key.partition(":")[0]
    if service == "aws":
        return value_type.value in _single_valued_keys().get(key, ())
    kind = catalogue.key_type(service, key) or ""
    return _BY_TYPE.get(kind.removeprefix("ArrayOf")) is value_type


@memoized
def key_test(condition: Condition) -> KeyTest:
    """Return the test of a condition."""
    key, operator = condition.lowered_key, condition.operator
    MEMO.weight += len(key)
    if operator is None or not condition.values:
        return KeyTest(key, None, uninterpreted=condition)
    if operator.family is Family.NULL:
        return _null_test(condition)
    values = value_set(condition, operator)
    return KeyTest(
        key,
        when_absent(operator),
        operator.quantifier,
        operator.negated,
        values,
        uninterpreted=condition if values is None else None,
    )


def _null_test(condition: Condition) -> KeyTest:
    wanted = {value.lower() for value in condition.values}
    if not wanted <= {"true", "false"}:
        return KeyTest(condition.lowered_key, None, uninterpreted=condition)
    return KeyTest(condition.lowered_key, absent="true" in wanted, present="false" in wanted)


@dataclass(frozen=True, slots=True)
class KeyValues:
    """Values of a key; none where it is absent.

    `is_exact` says that they certainly satisfy the constraints.
    """

    words: tuple[Word, ...]
    is_exact: bool = True


ABSENT = KeyValues(())
_EMPTY_TEXT: ValueConstraint = (ValueSet(ValueType.TEXT, frozenset({language(())})), False)
_BOOLEANS = ("true", "false")
_BOOLEAN: ValueConstraint = (
    ValueSet(ValueType.TEXT, frozenset(language((each,)) for each in _BOOLEANS)),
    True,
)


@memoized
def has_values(constraints: KeyConstraints) -> bool:
    """Return whether the key can satisfy all constraints, with values or absent; False is a proof."""
    return _absent(constraints) is not None or _present(constraints, has_value) is not None


def find_values(constraints: KeyConstraints) -> KeyValues | None:
    """Return values of the key that satisfy all constraints; absent only if it must be."""
    return _present(constraints, find_value) or _absent(constraints)


def _absent(constraints: KeyConstraints) -> KeyValues | None:
    if any(each.test.absent is not None and each.test.absent is not each.holds for each in constraints):
        return None
    return KeyValues((), is_exact=all(each.test.absent is not None for each in constraints))


def _present(constraints: KeyConstraints, find: Find) -> KeyValues | None:
    valued = []
    is_exact = True
    for each in constraints:
        if each.test.present is not None:
            if each.test.present is not each.holds:
                return None
        elif each.test.values is None:
            is_exact = False
        else:
            valued.append(each)
    # Cheap and typical cases first: most keys have one value.
    found = _one_value(valued, find) or _empty_text(valued) or _several_values(valued, find)
    found = found or _undocumented_answer(valued, find)
    if found is None or is_exact:
        return found
    return KeyValues(found.words, is_exact=False)


def _value_constraint(each: Constraint[KeyTest]) -> ValueConstraint:
    assert each.test.values is not None
    return each.test.values, each.holds is not each.test.negated


def _one_value(valued: list[Constraint[KeyTest]], find: Find) -> KeyValues | None:
    # A documented boolean is `true` or `false`, even if a condition compares it as a string.
    if any(_is_about_booleans(each) for each in valued) and holds_boolean(valued[0].part):
        return _found(_value_for(valued, find, _BOOLEAN))
    found = _value_for(valued, find, _EMPTY_TEXT)
    if found is None and not any(each.test.quantifier for each in valued):
        found = _value_for(valued, find)
    return _found(found)


def _is_about_booleans(each: Constraint[KeyTest]) -> bool:
    texts = each.test.values.texts if each.test.values is not None else frozenset()
    return bool(texts) and all(len(one.tokens) == 1 and _is_boolean(one.tokens[0]) for one in texts)


def _is_boolean(token: object) -> bool:
    return isinstance(token, str) and token.lower() in _BOOLEANS


def _found(found: FoundValue | None) -> KeyValues | None:
    return None if found is None else KeyValues((found.word,), found.is_exact)


def _value_for(valued: list[Constraint[KeyTest]], find: Find, *others: ValueConstraint) -> FoundValue | None:
    """Find one value; it may be one that some operator cannot read, where the key can have such values."""
    found = find(frozenset((*map(_value_constraint, valued), *others)))
    if found is not None:
        return found
    readable = [each for each in valued if not _may_be_misread(each, valued)]
    if len(readable) == len(valued):
        return None
    found = find(frozenset((*map(_value_constraint, readable), *others)))
    return None if found is None else FoundValue(found.word, is_exact=False)


def _may_be_misread(one: Constraint[KeyTest], valued: list[Constraint[KeyTest]]) -> bool:
    """Return whether a value that an operator cannot read may give all these tests the required answers.

    AWS does not document them. We assume that no such operator matches the value, and that either all negated
    operators match it or none does.
    """
    value_type = _value_constraint(one)[0].type
    if value_type not in ORDERED_TYPES or is_readable(one.part, value_type):
        return False
    same_type = [each for each in valued if _value_constraint(each)[0].type is value_type]
    is_in_none, is_never_met = (
        not any(_value_constraint(each)[1] for each in same_type),
        not any(each.holds for each in same_type),
    )
    return (is_in_none or is_never_met) and not _must_be_read(value_type, valued)


def _must_be_read(value_type: ValueType, valued: list[Constraint[KeyTest]]) -> bool:
    """Return whether the value must be one of a few texts that are all numbers (dates, addresses)."""
    unions = (
        values.texts
        for values, is_in in map(_value_constraint, valued)
        if is_in and values.type is ValueType.TEXT
    )
    return any(
        all(each.literal is not None and is_readable_as(value_type, each.literal) for each in texts)
        for texts in unions
    )


def _empty_text(valued: list[Constraint[KeyTest]]) -> KeyValues | None:
    """A single empty text counts as no value for set operators, and as a value for other operators."""
    if not any(each.test.quantifier for each in valued):
        return None
    for each in valued:
        if each.test.quantifier:
            if (each.test.quantifier is SetOperator.ALL) is not each.holds:
                return None
        elif not satisfies("", (_value_constraint(each),)):
            return None
    return KeyValues(((),))


def _several_values(valued: list[Constraint[KeyTest]], find: Find) -> KeyValues | None:
    """Find each value that must exist separately, among those that every value must be."""
    if not any(each.test.quantifier for each in valued) or holds_one_value(valued[0].part):
        return None
    every = [each for each in valued if _is_universal(each)]
    some = [each for each in valued if not _is_universal(each)]
    words: list[Word] = []
    is_exact = all(each.test.quantifier for each in some)
    for each in some:
        found = _value_for([*every, each], find)
        if found is None:
            return None
        words.append(found.word)
        is_exact &= found.is_exact
    return KeyValues(tuple(dict.fromkeys(words)), is_exact) if words else None


def _undocumented_answer(valued: list[Constraint[KeyTest]], find: Find) -> KeyValues | None:
    """Several values that plain operators may all answer with no: AWS does not document this case."""
    plain = [each for each in valued if not each.test.quantifier]
    if not plain or any(each.holds for each in plain) or holds_one_value(plain[0].part):
        return None
    others = [each for each in valued if each.test.quantifier]
    found = _several_values(others, find)
    if found is None and all(map(_is_universal, others)):
        found = _found(_value_for(others, find))
    return None if found is None else KeyValues(found.words, is_exact=False)


def _is_universal(each: Constraint[KeyTest]) -> bool:
    """Return whether the constraint is about every value.

    One of a plain operator is about at least one value.
    """
    return each.test.quantifier is (SetOperator.ALL if each.holds else SetOperator.ANY)


def accepts(constraints: Iterable[Constraint[KeyTest]], texts: tuple[str, ...]) -> bool:
    """Return whether these values (none for an absent key) certainly satisfy all constraints.

    An uninterpreted test counts as satisfied.
    """
    return all(_accepts(each, texts) for each in constraints)


def _accepts(each: Constraint[KeyTest], texts: tuple[str, ...]) -> bool:
    test = each.test
    if not texts:
        return test.absent is None or test.absent is each.holds
    if test.present is not None:
        return test.present is each.holds
    return test.values is None or _answers(test, test.values, texts) == {each.holds}


def _answers(test: KeyTest, values: ValueSet, texts: tuple[str, ...]) -> set[bool]:
    """Return the possible answers of the test for a key that is present.

    There are several where a plain operator is applied to several values and one meets it, and none where the operator cannot
    read a value.
    """
    if test.quantifier and texts == ("",):
        return {test.quantifier is SetOperator.ALL}
    found = {contains_value(text, values) for text in texts}
    if None in found or values.is_open:
        return set()
    answers = {answer is not test.negated for answer in found}
    if test.quantifier is SetOperator.ANY:
        return {True in answers}
    if test.quantifier is SetOperator.ALL:
        return {False not in answers}
    return answers if len(texts) == 1 else answers | {False}
