"""A `ForAllValues` test gets a `Null` test beside it, so that a request without the key no longer passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.proposal import Proposal, path_of, rewrite_at, value_of
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.policy.conditions import SetOperator

if TYPE_CHECKING:
    from keywright.guardrails.subjects.kinds import PolicyStatement
    from keywright.reporting.finding import Finding

CODES = ("POL004",)


def fix(statement: PolicyStatement, finding: Finding) -> Proposal:
    """Ask for the key that the finding names."""
    keys = [
        test.key_name
        for test in condition_tests(statement.statement)
        if f"`{test.operator_name}` on `{test.key_name}`" == finding.found
        and test.operator is not None
        and test.operator.quantifier is SetOperator.ALL
    ]
    if len(keys) != 1:
        raise CannotRewriteError
    place = statement.place.below("Condition")
    conditions, path, (key,) = value_of(place), path_of(place), keys
    if not isinstance(conditions, dict):
        raise CannotRewriteError
    rewrite = rewrite_at(place)
    if "Null" in conditions:
        rewrite = rewrite.with_member((*path, "Null"), key, "false")
    else:
        rewrite = rewrite.with_member(path, "Null", {key: "false"})
    return Proposal(f'`Null` asks for `{key}` ("false")', rewrite)
