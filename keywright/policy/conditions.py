"""Conditions: one operator, one key, its values, held against a request's context.

Sources: "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or values",
"Set operators for multivalued context keys".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.comparisons import READABLE, compare_booleans, test_of
from keywright.policy.context import ABSENT, Missing
from keywright.policy.operators import Family, Operator, SetOperator, operator_named
from keywright.policy.truth import MAYBE, NO, YES, Truth, negation, truth
from keywright.policy.variables import has_variable, substitute, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.policy.comparisons import Test
    from keywright.policy.context import Context, Values
    from keywright.policy.variables import Token

_TAKING_VARIABLES = frozenset({Family.STRING, Family.ARN, Family.BOOL})


@dataclass(frozen=True)
class Condition:
    """One key's condition. `operator_name` is as written, `key` too; an unknown operator holds maybe."""

    operator_name: str
    key: str
    values: Values
    knows_variables: bool = True

    @cached_property
    def operator(self) -> Operator | None:
        """The operator's parts; None when there is no such operator."""
        return operator_named(self.operator_name)

    @cached_property
    def lowered_key(self) -> str:
        """The key as contexts hold it: names of keys are compared without case."""
        return self.key.lower()

    @cached_property
    def tokens(self) -> tuple[tuple[Token, ...], ...]:
        """Each value in pieces; only string, ARN and Bool operators take variables."""
        takes = self.operator is not None and self.operator.family in _TAKING_VARIABLES
        return tuple(tokens(value, self.knows_variables and takes) for value in self.values)

    @cached_property
    def has_variables(self) -> bool:
        """Whether a value depends on the request."""
        return any(map(has_variable, self.tokens))

    @property
    def unreadable_values(self) -> Values:
        """The values that the operator can't compare; those with variables are not judged."""
        if self.operator is None:
            return ()
        readable = READABLE.get(self.operator.family)
        if readable is None:
            return ()
        pairs = zip(self.values, self.tokens, strict=True)
        return tuple(value for value, parts in pairs if not has_variable(parts) and not readable(value))

    def holds(self, context: Context) -> Truth:
        """Tell whether the request satisfies the condition."""
        if self.operator is None:
            return MAYBE
        found = context.lookup(self.lowered_key)
        if self.operator.family is Family.NULL:
            return self._is_null(found)
        if isinstance(found, Missing):
            return self._without_value(self.operator, found)
        return self._with_values(self.operator, found, context)

    def _is_null(self, found: Values | Missing) -> Truth:
        if found is Missing.UNKNOWN:
            wanted = {value.lower() for value in self.values}
            return YES if wanted >= {"true", "false"} else MAYBE
        is_absent = "true" if found is ABSENT else "false"
        return max((compare_booleans(value)(is_absent) for value in self.values), default=NO)

    def _without_value(self, operator: Operator, missing: Missing) -> Truth:
        if missing is ABSENT:
            return truth(when_absent(operator))
        return MAYBE

    def _with_values(self, operator: Operator, found: Values, context: Context) -> Truth:
        test = self._test(context)
        if operator.quantifier is None:
            return _agreed(map(test, found))
        is_null = found == ("",)
        if operator.quantifier is SetOperator.ALL:
            return YES if is_null else min(map(test, found))
        return NO if is_null else max(map(test, found))

    def _test(self, context: Context) -> Test:
        return self._resolved(context) if self.has_variables else self._fixed

    @cached_property
    def _fixed(self) -> Test:
        """The test of one value of the request, when nothing depends on the request."""
        return self._any_of([test_of(self._known_operator, parts) for parts in self.tokens])  # type: ignore[arg-type]

    def _resolved(self, context: Context) -> Test:
        """The same with the request's values written in; a variable without a value equals nothing.

        Source: "IAM policy elements: Variables and tags", policy variables with no value.
        """
        found = [substitute(parts, context) for parts in self.tokens]
        open_ended = any(each is not ABSENT for each in found if isinstance(each, Missing))
        tests = [test_of(self._known_operator, each) for each in found if not isinstance(each, Missing)]
        return self._any_of(tests, at_least=MAYBE if open_ended else NO)

    def _any_of(self, tests: list[Test], at_least: Truth = NO) -> Test:
        negated = self._known_operator.negated

        def test(value: str) -> Truth:
            found = max((each(value) for each in tests), default=NO)
            found = max(found, at_least)
            return negation(found) if negated else found

        return test

    @property
    def _known_operator(self) -> Operator:
        assert self.operator is not None
        return self.operator


def when_absent(operator: Operator) -> bool:
    """Tell what an operator other than `Null` answers for an absent key."""
    if operator.if_exists or operator.quantifier is SetOperator.ALL:
        return True
    return operator.negated and operator.quantifier is None


def _agreed(answers: Iterable[Truth]) -> Truth:
    """Without a set operator AWS defines no answer for several values, unless all give the same one."""
    distinct = set(answers)
    return distinct.pop() if len(distinct) == 1 else MAYBE


def conditions_of(
    element: Mapping[str, Mapping[str, Values]], *, knows_variables: bool
) -> tuple[Condition, ...]:
    """List the conditions of a statement; all must hold."""
    return tuple(
        Condition(name, key, tuple(values), knows_variables)
        for name, keys in element.items()
        for key, values in keys.items()
    )
