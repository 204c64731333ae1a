"""The conditions of an Allow combined with the denials in the same policy.

A Deny with one test allows only requests that do not pass the test, so its opposite becomes a condition of the Allow.
A Deny with several tests, or one that may cover less than the Allow, may restrict as much: the result is then
undecided.

Source: "Policy evaluation logic" and "IAM JSON policy elements: Condition operators", IAM User Guide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import Text
from keywright.guardrails.subjects.condition_tests import (
    ConditionTest,
    condition_tests,
    excludes_something,
    has_unknown_conditions,
)
from keywright.policy.conditions import Family, Operator, SetOperator
from keywright.policy.matching.context import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keywright.assembly.templates.policy_documents import TemplateStatement

_AS_SERVICE = "aws:principalisawsservice"
_OPPOSITE = {
    "lessthan": "greaterthanequals",
    "lessthanequals": "greaterthan",
    "greaterthan": "lessthanequals",
    "greaterthanequals": "lessthan",
}


@dataclass(frozen=True)
class EffectiveConditions:
    """All `tests` must be true, and one of each of `choices` where it applies; `is_denied` says that nothing is allowed."""

    tests: tuple[ConditionTest, ...]
    choices: tuple[tuple[ConditionTest, ...], ...] = ()
    is_denied: Truth = Truth.NO
    is_hidden: bool = False

    def restricts(
        self, is_key: Callable[[str], bool], is_narrow: Callable[[ConditionTest], Truth] = excludes_something
    ) -> Truth:
        """Return whether a positive test on one of the keys (in lower case) restricts the statement.

        A test restricts if each value has more than wildcards; `is_narrow` can require more.
        """
        found = max((_narrow(test, is_key, is_narrow) for test in self.tests), default=Truth.NO)
        options = (_narrow(test, is_key, is_narrow) for choice in self.choices for test in choice)
        perhaps = min(Truth.MAYBE, max(options, default=Truth.NO))
        return max(found, perhaps, Truth.MAYBE if self.is_hidden else Truth.NO)


def _narrow(
    test: ConditionTest, is_key: Callable[[str], bool], is_narrow: Callable[[ConditionTest], Truth]
) -> Truth:
    return is_narrow(test) if is_key(test.key) and test.is_positive else Truth.NO


def effective_conditions(
    allow: TemplateStatement, denials: Iterable[tuple[TemplateStatement, Truth]]
) -> EffectiveConditions:
    """Combine an Allow with denials, each given with how certainly it covers the Allow."""
    tests, choices = list(condition_tests(allow)), list[tuple[ConditionTest, ...]]()
    is_denied, is_hidden = Truth.NO, has_unknown_conditions(allow)
    for denial, covers in denials:
        denied = [test for test in condition_tests(denial) if not _excepts_services(test)]
        opposites = tuple(opposite(test) for test in denied)
        if has_unknown_conditions(denial):
            is_hidden = True
        elif not opposites:
            is_denied = max(is_denied, covers)
        # A Deny applies only if all its tests are true: one opposite is enough to avoid it, so several are a choice.
        elif len(opposites) == 1 and covers is Truth.YES:
            tests += opposites
        else:
            choices.append(opposites)
    present = {test.key for test in tests if _requires_presence(test)}
    return EffectiveConditions(
        _with_presence(tests, present),
        tuple(_with_presence(choice, present) for choice in choices),
        is_denied,
        is_hidden,
    )


def _with_presence(tests: Iterable[ConditionTest], present: set[str]) -> tuple[ConditionTest, ...]:
    return tuple(replace(test, requires_key=True) if test.key in present else test for test in tests)


def _excepts_services(test: ConditionTest) -> bool:
    """Return whether a test only excepts AWS services, which identities of accounts never are."""
    values = {value.literal.lower() for value in test.values if value.literal}
    return test.key == _AS_SERVICE and values == {"false"}


def _requires_presence(test: ConditionTest) -> bool:
    is_null = test.operator is not None and test.operator.family is Family.NULL
    return is_null and {str(value).lower() for value in test.values} == {"false"}


def opposite(test: ConditionTest) -> ConditionTest:
    """Return the test that a request must pass so that a Deny with `test` does not apply."""
    operator = test.operator
    if operator is None:
        return test
    if operator.family is Family.NULL or operator.family is Family.BOOL:
        flipped = tuple(_negated_boolean(value) for value in test.values)
        # A Deny by `BoolIfExists` also applies without the key, so its opposite requires the key; and the other way round.
        if_exists = operator.family is Family.BOOL and not operator.if_exists
        return replace(test, operator=replace(operator, if_exists=if_exists), values=flipped)
    if operator.relation in _OPPOSITE:
        turned = replace(operator, relation=_OPPOSITE[operator.relation], if_exists=not operator.if_exists)
    else:
        turned = replace(operator, negated=not operator.negated, if_exists=False)
    return replace(
        test, operator=replace(turned, quantifier=_opposite_quantifier(operator)), requires_key=False
    )


def _opposite_quantifier(operator: Operator) -> SetOperator | None:
    if operator.quantifier is None:
        return None
    return SetOperator.ANY if operator.quantifier is SetOperator.ALL else SetOperator.ALL


def _negated_boolean(value: Text) -> Text:
    literal = (value.literal or "").lower()
    return Text(({"true": "false", "false": "true"}[literal],)) if literal in ("true", "false") else value
