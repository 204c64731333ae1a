"""Proofs by the policy engine: that a statement grants nothing, or nothing beyond the other statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.statement import VERSION_WITH_VARIABLES, Document, Effect, Kind, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.guardrails.subjects.policies import AnyPolicy, AnyStatement

MOST_STATEMENTS = 40
"""Policies with more statements are not compared, as that takes too long."""

_NOTHING: tuple[Statement, ...] = ()
_EVERYTHING = Statement(actions=("*",), resources=("*",))


def grants_nothing(statement: AnyStatement) -> bool:
    """Return whether an Allow is proved to allow no request."""
    literal = statement.statement.literal
    if literal is None or statement.within.kind is not Kind.IDENTITY:
        return False
    if sum(len(keys) for keys in literal.conditions.values()) < 2:  # noqa: PLR2004 - one test contradicts nothing
        return False
    return _adds_nothing(_NOTHING, (literal,))


def redundant_statements(policy: AnyPolicy) -> list[int]:
    """Return the indices of statements that can be removed together without changing what is allowed or denied."""
    if len(policy.policy.documents) != 1 or policy.kind is not Kind.IDENTITY:
        return []
    written = policy.policy.documents[0].statements
    statements = [each.literal for each in written]
    if len(statements) > MOST_STATEMENTS:
        return []
    kept = list(range(len(statements)))
    found = []
    # From the end, so that of two equal statements the later one is reported.
    for index in reversed(range(len(statements))):
        rest = [other for other in kept if other != index]
        others = [each for other in rest for each in [statements[other]] if each is not None]
        statement = statements[index]
        if statement is not None and _is_redundant(statement, others):
            kept = rest
            found.append(written[index].index)
    return sorted(found)


def _is_redundant(statement: Statement, others: Sequence[Statement]) -> bool:
    same = [each for each in others if each.effect is statement.effect]
    if not same or not _may_be_covered(statement, same):
        return False
    if statement.effect is Effect.ALLOW:
        return _adds_nothing(same, (*same, statement))
    return _adds_nothing((_EVERYTHING, *same, statement), (_EVERYTHING, *same))


def _may_be_covered(statement: Statement, others: Sequence[Statement]) -> bool:
    """Return whether another statement covers each action as written, which is cheap; the proof follows."""
    if statement.not_actions:
        return any(each.not_actions or "*" in each.actions for each in others)
    return all(any(each.covers_action(action.lower()) for each in others) for action in statement.actions)


def _adds_nothing(before: Sequence[Statement], after: Sequence[Statement]) -> bool:
    from keywright.reasoning.comparison.compare import NoNewAccess, compare  # noqa: PLC0415 - few templates need the engine

    documents = (Document(tuple(each), VERSION_WITH_VARIABLES) for each in (before, after))
    return isinstance(compare(*documents), NoNewAccess)
