"""Whether one actor may do anything that another may not: a comparison of all that is in force for both."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.policy.context import Context
from keywright.policy.truth import NO, YES
from keywright.reasoning.actor import ActorKind
from keywright.reasoning.circumstances import judged, keys_of
from keywright.reasoning.compare import NoNewAccess, compare_access
from keywright.reasoning.hearing import Policies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.document import Document
    from keywright.policy.statement import Statement
    from keywright.reasoning.actor import Actor

_USER_NAME = re.compile(r"\$\{\s*aws:username\s*\}", re.IGNORECASE)
_OF_BEARER = re.compile(r"\$\{\s*(aws:principaltag/|aws:userid|saml:|sts:)", re.IGNORECASE)
_BEARER_KEYS = ("aws:principaltag/", "aws:userid", "saml:")


@lru_cache(maxsize=65_536)
def may_gain(actor: Actor, other: Actor) -> bool:
    """Tell whether acting as another may allow what an actor may not do itself; no is a proof."""
    if other.doubts or (other.arn != actor.arn and any(map(_speaks_of_its_bearer, other.documents))):
        return True
    return not isinstance(compare_access(_in_force(actor), _in_force(other)), NoNewAccess)


def _in_force(actor: Actor) -> Policies:
    return Policies(
        identity=tuple(_settled(document, actor) for document in actor.documents),
        boundary=_settled(actor.boundary, actor) if actor.boundary else None,
    )


def _settled(document: Document, actor: Actor) -> Document:
    """Decide what the actor decides: its own name, and conditions on who it is.

    Two users with the same policy may not do the same when the policy speaks of the user.
    """
    values, absent = keys_of(actor)
    context = Context(values, complete=False, absent=absent)
    settled = tuple(_settled_statements(document, actor, context))
    return document if settled == document.statements else replace(document, statements=settled)


def _settled_statements(document: Document, actor: Actor, context: Context) -> Iterator[Statement]:
    for statement in document.statements:
        found = {test: judged(test, context) for test in statement.condition_tests}
        if NO not in found.values():
            yield _named(_without_settled(statement, [test for test in found if found[test] is YES]), actor)


def _without_settled(statement: Statement, settled: list[object]) -> Statement:
    if not settled:
        return statement
    kept: dict[str, dict[str, tuple[str, ...]]] = {}
    for test in statement.condition_tests:
        if test not in settled:
            kept.setdefault(test.operator_name, {})[test.key] = test.values
    return replace(statement, conditions=kept)


def _named(statement: Statement, actor: Actor) -> Statement:
    """Write a user's name in place of the variable."""
    if actor.kind is not ActorKind.USER or not any("${" in text for text in _texts(statement)):
        return statement
    return replace(
        statement,
        resources=_written(statement.resources, actor),
        not_resources=_written(statement.not_resources, actor),
        conditions={
            operator: {key: _written(values, actor) for key, values in keys.items()}
            for operator, keys in statement.conditions.items()
        },
    )


def _written(texts: tuple[str, ...], actor: Actor) -> tuple[str, ...]:
    return tuple(_USER_NAME.sub(actor.user_name, text) for text in texts)


def _texts(statement: Statement) -> Iterator[str]:
    yield from (*statement.resources, *statement.not_resources)
    for keys in statement.conditions.values():
        for values in keys.values():
            yield from values


def _speaks_of_its_bearer(document: Document) -> bool:
    """Tell whether a policy depends on tags or ids of whoever bears it, which nothing here fixes."""
    for statement in document.statements:
        if any(_OF_BEARER.search(text) for text in _texts(statement)):
            return True
        if any(test.lowered_key.startswith(_BEARER_KEYS) for test in statement.condition_tests):
            return True
    return False
