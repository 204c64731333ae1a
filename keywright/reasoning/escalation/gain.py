"""Whether one actor may do anything that another may not: a comparison of all that is in force for both."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy.matching.context import NO, YES, Context
from keywright.policy.statement import Effect
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.circumstances import judged, keys_of
from keywright.reasoning.escalation.renamed_users import Namesake, is_namesake
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.account.actors import Actor

_USER_NAME = re.compile(r"\$\{\s*aws:username\s*\}", re.IGNORECASE)
_OF_BEARER = re.compile(r"\$\{\s*(aws:principaltag/|aws:userid|saml:|sts:)", re.IGNORECASE)
_MOST_TRIED = 4
_USUAL = {"aws:SecureTransport": ("true",), "aws:ViaAWSService": ("false",)}
_ORDINARY = Context.of(_USUAL)
_WITH_MFA = Context.of({**_USUAL, "aws:MultiFactorAuthPresent": ("true",), "aws:MultiFactorAuthAge": ("1",)})
_BEARER_KEYS = ("aws:principaltag/", "aws:userid", "saml:")


@dataclass(frozen=True, slots=True)
class Gains:
    """Acting as the other may allow more; `needs` says what must be so, empty where its known policies allow more."""

    needs: str = ""


@dataclass(frozen=True, slots=True)
class GainsNothing:
    """Proved: the other may do nothing that the actor may not."""


@dataclass(frozen=True, slots=True)
class MayGain:
    """Neither proved nor shown."""

    because: str


Gain = Gains | GainsNothing | MayGain


@lru_cache(maxsize=65_536)
def gain(actor: Actor, other: Actor) -> Gain:
    """Tell whether acting as another may allow what an actor may not do itself; of namesakes one is asked about."""
    if any(_denies_everything(each) for document in other.documents for each in document.statements):
        return GainsNothing()
    if not other.doubts and is_namesake(actor, other):
        found = _gain_of_all(actor, Namesake(other))
        if not isinstance(found, MayGain):
            return found
    return compared(actor, other)


@lru_cache(maxsize=16_384)
def _gain_of_all(actor: Actor, one: Namesake) -> Gain:
    return compared(actor, one.user)


def compared(actor: Actor, other: Actor) -> Gain:
    """Tell it of these two alone."""
    if other.arn != actor.arn and any(map(_speaks_of_its_bearer, other.documents)):
        return Gains()
    from keywright.reasoning.comparison.compare import NewAccess, UndecidedComparison, compare_access  # noqa: PLC0415 - much to load, and most accounts need none of it

    before, after = _in_force(actor), _in_force(other)
    if _is_shown(actor, other, before, after):
        return Gains()
    found = compare_access(before, after)
    if isinstance(found, NewAccess):
        return Gains()
    if other.doubts:
        return Gains(f"more being allowed to `{other.name}`: {other.doubts[0]}")
    if isinstance(found, UndecidedComparison):
        return MayGain(f"whether `{other.name}` may do more can't be told: {found.reason}")
    return GainsNothing()


def _denies_everything(statement: Statement) -> bool:
    is_whole = statement.actions == ("*",) and statement.resources == ("*",)
    return statement.effect is Effect.DENY and is_whole and not statement.conditions


def _is_shown(actor: Actor, other: Actor, before: Policies, after: Policies) -> bool:
    """Try the likeliest requests before all are compared; people make theirs with their second factor."""
    from keywright.reasoning.witnesses.replay import replay  # noqa: PLC0415 - as above

    context = _WITH_MFA if other.kind is ActorKind.USER else _ORDINARY
    return any(
        replay(request, before, after)
        for request in islice(_likely_requests(actor, after.identity, context), _MOST_TRIED)
    )


def _likely_requests(actor: Actor, documents: Iterable[Document], context: Context) -> Iterator[Request]:
    for document in documents:
        for statement in document.statements:
            action = next((each for each in statement.actions if not set("*?") & set(each)), "")
            resource = next(iter(statement.resources), "*")
            is_plain = statement.effect is Effect.ALLOW and not statement.conditions
            if action and is_plain and "${" not in resource:
                filled = resource if resource == "*" else resource.replace("*", "x").replace("?", "x")
                yield Request(actor.arn, action, filled, context)


@lru_cache(maxsize=16_384)
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
