"""Context keys that are missing for a decision, and values that would decide it.

Callers evaluate every proposal before they report it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING

from keywright.policy.conditions import Condition
from keywright.policy.matching.context import MAYBE, YES, Context, Missing
from keywright.policy.statement import Effect
from keywright.reasoning.evaluation.evaluate import undecided_statements
from keywright.reasoning.evaluation.policies import evaluate_policies
from keywright.reasoning.sets.condition_sets import key_test
from keywright.reasoning.sets.constraints import constraint
from keywright.reasoning.sets.examples import EXAMPLE, ExampleValues
from keywright.reasoning.witnesses.context_values import choose_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keywright.policy.matching.context import Values
    from keywright.policy.statement import Statement
    from keywright.reasoning.evaluation.policies import Policies, PolicyEvaluation
    from keywright.reasoning.evaluation.request import Request
    from keywright.reasoning.sets.constraints import Constraint, KeyTest

MOST_TRIED = 32
"""Combinations of statements that are tried for one request."""
MOST_OPEN = 16
"""Undecided statements of one effect that are considered."""

ContextValues = dict[str, "Values"]
"""Keys, as policies spell them, and their values in the request; no values: the key is absent."""
ConditionGoal = tuple[Condition, bool]
"""A condition, and whether it should hold."""


def propose_context(request: Request, policies: Policies) -> Iterator[ContextValues]:
    """Yield values for missing keys that might decide a request, the most likely first.

    Values that may lead to an allow come before those that may lead to a denial.
    """
    undecided = _UndecidedStatements.of(evaluate_policies(request, policies))
    goals = (*undecided.for_allowing(), *undecided.for_denying())
    seen: list[ContextValues] = []
    for goal in islice(goals, MOST_TRIED):
        values = _values_meeting(goal, request)
        if values and values not in seen:
            seen.append(values)
            yield values


@dataclass(frozen=True)
class _UndecidedStatements:
    """The undecided statements of a request: Allow statements by kind of policy, and Deny statements."""

    request: Request
    allowing: tuple[tuple[Statement, ...], ...]
    denying: tuple[Statement, ...]

    @classmethod
    def of(cls, evaluation: PolicyEvaluation) -> _UndecidedStatements:
        sure = {effect.layer for effect in evaluation.effects() if effect.allows is YES}
        allowing: dict[str, list[Statement]] = {}
        denying: list[Statement] = []
        for ground in undecided_statements(evaluation):
            if ground.statement.effect is Effect.DENY:
                denying.append(ground.statement)
            elif ground.layer not in sure:
                allowing.setdefault(ground.layer, []).append(ground.statement)
        by_kind = tuple(tuple(each[:MOST_OPEN]) for each in allowing.values())
        return cls(evaluation.request, by_kind, tuple(denying[:MOST_OPEN]))

    def for_allowing(self) -> Iterator[tuple[ConditionGoal, ...]]:
        """Let one statement of each kind allow, and none deny."""
        for chosen in product(*self.allowing):
            met = [(test, True) for statement in chosen for test in self._tests(statement)]
            spared = [self._tests(statement) for statement in self.denying]
            for failing in product(*spared):
                yield (*met, *((test, False) for test in failing), *_variable_goals(chosen, self.request))

    def for_denying(self) -> Iterator[tuple[ConditionGoal, ...]]:
        """Let one statement deny, or no statement of one kind allow."""
        for statement in self.denying:
            yield tuple((test, True) for test in self._tests(statement))
        for several in self.allowing:
            for failing in product(*(self._tests(statement) for statement in several)):
                yield tuple((test, False) for test in failing)

    def _tests(self, statement: Statement) -> list[Condition]:
        context = self.request.context
        return [test for test in statement.condition_tests if test.holds(context) is MAYBE]


def _values_meeting(goals: Sequence[ConditionGoal], request: Request) -> ContextValues | None:
    """Choose values that meet all goals; None where that is impossible."""
    written = [(_written(test, request.context), holds) for test, holds in goals]
    spelled = {test.lowered_key: test.key for test, _ in written}
    names = (
        name for test, _ in goals if test.has_variables for name in _open_variables(test, request.context)
    )
    values: ContextValues = {name: (EXAMPLE,) for name in names if name.lower() not in spelled}
    for key, name in spelled.items():
        undecided = frozenset(
            _constraint(test, holds=holds) for test, holds in written if test.lowered_key == key
        )
        found = choose_values(key, undecided, Context(), ExampleValues())
        if found is None:
            return None
        values[name] = found
    return values


def _constraint(test: Condition, *, holds: bool) -> Constraint[KeyTest]:
    found = constraint(key_test(test))
    return found if holds else found.opposite


_OPEN_ENDED = re.compile(r"[*$]")
_MOST_OPEN_ENDED, _LONGEST_READ = 2, 1024
_PLACE = re.compile(r"\$\{([^{}',*?$]+)(?:,[^{}]*)?\}")


def _written(test: Condition, context: Context) -> Condition:
    """Replace variables by their values, by an example where none is known."""
    if not test.has_variables:
        return test
    values = tuple(_PLACE.sub(lambda found: _value(found[1], context), value) for value in test.values)
    return replace(test, values=values)


def _value(name: str, context: Context) -> str:
    found = context.lookup(name.strip().lower())
    return found[0] if isinstance(found, tuple) else EXAMPLE


def _open_variables(test: Condition, context: Context) -> Iterator[str]:
    for value in test.values:
        for place in _PLACE.finditer(value):
            name = place[1].strip()
            if isinstance(context.lookup(name.lower()), Missing):
                yield name


def _variable_goals(statements: Iterable[Statement], request: Request) -> Iterator[ConditionGoal]:
    """Return goals for variables in resources, so that these statements match the request's resource."""
    for statement in statements:
        if statement.covers_resource(request.target, request.context) is MAYBE:
            found = (_fitting(text, request) for text in statement.resources)
            for key, value in next(filter(None, found), {}).items():
                yield Condition("StringEquals", key, (value,), knows_variables=False), True


def _fitting(pattern: str, request: Request) -> Mapping[str, str]:
    """Match a resource with a pattern to find values of its variables.

    Not where there are many ways to match.
    """
    if len(_OPEN_ENDED.findall(pattern)) > _MOST_OPEN_ENDED or len(request.target) > _LONGEST_READ:
        return {}
    keys, parts, end = [], [], 0
    for place in _PLACE.finditer(pattern):
        keys.append(place[1].strip())
        parts += [_plain(pattern[end : place.start()]), "([^/:]+)"]
        end = place.end()
    found = re.fullmatch("".join((*parts, _plain(pattern[end:]))), request.target)
    return dict(zip(keys, found.groups(), strict=True)) if found else {}


def _plain(text: str) -> str:
    return re.escape(text).replace(r"\*", "[^/]*").replace(r"\?", ".")
