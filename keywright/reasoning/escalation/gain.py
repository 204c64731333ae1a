"""Whether an actor would gain access by acting as another: a comparison of all policies of both."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy.matching.context import NO, YES, Context
from keywright.policy.statement import Effect
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.partial_context import condition_holds, principal_context_keys
from keywright.reasoning.escalation.renamed_users import EquivalentUser, is_equivalent_user
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.account.actors import Actor

_USER_NAME = re.compile(r"\$\{\s*aws:username\s*\}", re.IGNORECASE)
_PRINCIPAL_VARIABLE = re.compile(r"\$\{\s*(aws:principaltag/|aws:userid|saml:|sts:)", re.IGNORECASE)
_MOST_TRIED = 4
_USUAL = {"aws:SecureTransport": ("true",), "aws:ViaAWSService": ("false",)}
_ORDINARY = Context.of(_USUAL)
_WITH_MFA = Context.of({**_USUAL, "aws:MultiFactorAuthPresent": ("true",), "aws:MultiFactorAuthAge": ("1",)})
_PRINCIPAL_KEYS = ("aws:principaltag/", "aws:userid", "saml:")


@dataclass(frozen=True, slots=True)
class GainsAccess:
    """Acting as the other may allow more.

    `needs` describes what that depends on, empty where known policies decide.
    """

    needs: str = ""


@dataclass(frozen=True, slots=True)
class GainsNoAccess:
    """Proved: the other actor can do nothing that this one cannot."""


@dataclass(frozen=True, slots=True)
class UndecidedGain:
    """Neither proved nor shown."""

    because: str


GainResult = GainsAccess | GainsNoAccess | UndecidedGain


@lru_cache(maxsize=65_536)
def gained_access(actor: Actor, other: Actor) -> GainResult:
    """Return whether acting as another gives access that an actor lacks.

    Equivalent users are compared once.
    """
    # Quarantine policies deny everything: nothing can be gained, and no comparison is needed.
    if any(_denies_everything(each) for document in other.documents for each in document.statements):
        return GainsNoAccess()
    if not other.doubts and is_equivalent_user(actor, other):
        found = _gained_access_of_all(actor, EquivalentUser(other))
        if not isinstance(found, UndecidedGain):
            return found
    return compare_actors(actor, other)


@lru_cache(maxsize=16_384)
def _gained_access_of_all(actor: Actor, one: EquivalentUser) -> GainResult:
    return compare_actors(actor, one.user)


def compare_actors(actor: Actor, other: Actor) -> GainResult:
    """Compare these two actors."""
    if other.arn != actor.arn and any(map(_depends_on_principal, other.documents)):
        return GainsAccess()
    from keywright.reasoning.comparison.compare import NewAccess, UndecidedComparison, compare_access  # noqa: PLC0415 - much to load, and most accounts need none of it

    before, after = _in_force(actor), _in_force(other)
    if _is_confirmed(actor, other, before, after):
        return GainsAccess()
    found = compare_access(before, after)
    if isinstance(found, NewAccess):
        return GainsAccess()
    if other.doubts:
        return GainsAccess(f"more permissions for `{other.name}`: {other.doubts[0]}")
    if isinstance(found, UndecidedComparison):
        return UndecidedGain(f"whether `{other.name}` has more permissions is undecided: {found.reason}")
    return GainsNoAccess()


def _denies_everything(statement: Statement) -> bool:
    is_whole = statement.actions == ("*",) and statement.resources == ("*",)
    return statement.effect is Effect.DENY and is_whole and not statement.conditions


def _is_confirmed(actor: Actor, other: Actor, before: Policies, after: Policies) -> bool:
    """Try the most likely requests before comparing everything; users make theirs with MFA."""
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
        identity=tuple(_specialized(document, actor) for document in actor.documents),
        boundary=_specialized(actor.boundary, actor) if actor.boundary else None,
    )


def _specialized(document: Document, actor: Actor) -> Document:
    """Evaluate what the actor determines: its own name, and conditions on its identity.

    Two users with the same policy can have different access if the policy depends on the user.
    """
    values, absent = principal_context_keys(actor)
    context = Context(values, complete=False, absent=absent)
    decided = tuple(_specialized_statements(document, actor, context))
    return document if decided == document.statements else replace(document, statements=decided)


def _specialized_statements(document: Document, actor: Actor, context: Context) -> Iterator[Statement]:
    for statement in document.statements:
        found = {test: condition_holds(test, context) for test in statement.condition_tests}
        if NO not in found.values():
            yield _named(_without_decided(statement, [test for test in found if found[test] is YES]), actor)


def _without_decided(statement: Statement, decided: list[object]) -> Statement:
    if not decided:
        return statement
    kept: dict[str, dict[str, tuple[str, ...]]] = {}
    for test in statement.condition_tests:
        if test not in decided:
            kept.setdefault(test.operator_name, {})[test.key] = test.values
    return replace(statement, conditions=kept)


def _named(statement: Statement, actor: Actor) -> Statement:
    """Replace the variable by the user's name."""
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


def _depends_on_principal(document: Document) -> bool:
    """Return whether a policy depends on tags or IDs of its principal, which are not known here."""
    for statement in document.statements:
        if any(_PRINCIPAL_VARIABLE.search(text) for text in _texts(statement)):
            return True
        if any(test.lowered_key.startswith(_PRINCIPAL_KEYS) for test in statement.condition_tests):
            return True
    return False
