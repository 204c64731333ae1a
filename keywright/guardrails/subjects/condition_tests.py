"""The tests of a statement's conditions, and whether a test restricts requests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.policy.conditions import Family, Operator, SetOperator, operator_named
from keywright.policy.matching.context import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keywright.assembly.templates.policy_documents import TemplateStatement, Texts
    from keywright.assembly.templates.value import Text

_ONLY_WILDCARDS = re.compile(r"[*?]*")


@dataclass(frozen=True)
class ConditionTest:
    """One operator on one key; `key` is in lower case, `operator` is None for an unknown operator.

    `requires_key` says that a `Null` test in the same statement requires the key.
    """

    operator: Operator | None
    operator_name: str
    key: str
    key_name: str
    values: Texts
    requires_key: bool = False

    @property
    def is_positive(self) -> bool:
        """Return whether a request must have the key with one of the values."""
        operator = self.operator
        if operator is None or operator.negated or operator.family is Family.NULL:
            return False
        return self.requires_key or not self.passes_without_key

    @property
    def passes_without_key(self) -> bool:
        """Return whether a request without the key passes, apart from a `Null` test in the same statement."""
        operator = self.operator
        return operator is not None and (operator.if_exists or operator.quantifier is SetOperator.ALL)

    @property
    def matches_patterns(self) -> bool:
        """Return whether the operator matches wildcards in the values."""
        return self.operator is not None and self.operator.relation == "like"

    def __str__(self) -> str:
        values = ", ".join(str(each) for each in self.values)
        return f"{self.operator_name} {self.key_name}: {values}"


def condition_tests(statement: TemplateStatement) -> Iterator[ConditionTest]:
    """Yield the tests of a statement, all of which must be true."""
    present = {key.lower() for key in _present(statement)}
    for name, keys in statement.conditions.items():
        operator = operator_named(name)
        for key, values in keys.items():
            yield ConditionTest(operator, name, key.lower(), key, values, key.lower() in present)


def _present(statement: TemplateStatement) -> Iterator[str]:
    """Yield the keys that a `Null` test requires."""
    for name, keys in statement.conditions.items():
        if name.lower() == "null":
            yield from (
                key for key, values in keys.items() if {str(each).lower() for each in values} == {"false"}
            )


def has_unknown_conditions(statement: TemplateStatement) -> bool:
    """Return whether some conditions are known only at deployment."""
    return any(element.startswith("Condition") for element in statement.unknown)


def excludes_something(test: ConditionTest) -> Truth:
    """Return whether each value of a test excludes something."""
    return min((_value_excludes_something(value, test) for value in test.values), default=Truth.NO)


def _value_excludes_something(value: Text, test: ConditionTest) -> Truth:
    if not test.matches_patterns or value.is_single:
        literal = value.literal
        return (
            Truth.YES if not test.matches_patterns or literal is None else _has_more_than_wildcards(literal)
        )
    return (
        Truth.YES
        if any(_has_more_than_wildcards(part) for part in value.parts if isinstance(part, str))
        else Truth.MAYBE
    )


def _has_more_than_wildcards(characters: str) -> Truth:
    return Truth.NO if _ONLY_WILDCARDS.fullmatch(characters) else Truth.YES


def every_value(values: Texts, is_one: Callable[[str], bool]) -> Truth:
    """Return whether a predicate is true for every value; maybe for an unknown value."""
    found = [
        Truth.MAYBE if value.literal is None else Truth.YES if is_one(value.literal) else Truth.NO
        for value in values
    ]
    return min(found, default=Truth.NO)
