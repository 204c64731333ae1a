"""Which principals and services a role's trust policy allows, as far as it is known.

What may be allowed counts.

Sources: "How to use trust policies with IAM roles", "Policy evaluation logic" (resource-based policies and
implicit denies in other policy types).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from keywright.policy.matching.context import NO, UNKNOWN, YES
from keywright.policy.principals import UNNAMED, is_everyone, named_by, not_excepted_by, principal
from keywright.policy.statement import Effect
from keywright.reasoning.account.partial_context import PartialContext, conditions_hold, partial_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.principals import Reach
    from keywright.policy.statement import Statement
    from keywright.reasoning.account.actors import Actor

ASSUME_ROLE = "sts:AssumeRole"
_ASSUMING = ("sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml")


class Admission(IntEnum):
    """How a trust policy allows a principal, which decides what else must allow the call."""

    NONE = 0
    BY_ACCOUNT = 1
    """The principal's own policies must allow it too."""
    BY_ROLE = 2
    """Only the permissions boundary must allow it too."""
    DIRECTLY = 3
    """Nothing else must allow it; an explicit deny still applies."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """How a trust policy may allow a principal; `surely` is false where that depends on something unknown."""

    how: Admission
    surely: bool = True


def admits(role: Actor, actor: Actor) -> Admitted:
    """Return how a role's trust policy may allow another actor.

    An unknown trust policy may allow the whole account.
    """
    if role.trust is None or role.trust.unread:
        return Admitted(Admission.BY_ACCOUNT, surely=False)
    context = partial_context(actor, ASSUME_ROLE, {})
    reach = UNNAMED
    for statement in _about(role, ASSUME_ROLE.lower()):
        truth = conditions_hold(statement, context)
        if statement.effect is Effect.DENY:
            # Over-approximation: a Deny counts only if it certainly applies.
            if truth is YES and _names(statement, actor).account is YES:
                return Admitted(Admission.NONE)
        elif truth is not NO:
            reach = reach.joined(_names(statement, actor))
    return _admitted(reach)


def _admitted(reach: Reach) -> Admitted:
    if reach.direct is not NO:
        return Admitted(Admission.DIRECTLY, surely=reach.direct is YES)
    if reach.role is not NO:
        return Admitted(Admission.BY_ROLE, surely=reach.role is YES)
    if reach.account is not NO:
        return Admitted(Admission.BY_ACCOUNT, surely=reach.account is YES)
    return Admitted(Admission.NONE)


def _names(statement: Statement, actor: Actor) -> Reach:
    who = principal(actor.arn)
    if statement.not_principals:
        return UNNAMED._replace(account=not_excepted_by(statement.not_principals, who, UNKNOWN))
    return named_by(statement.principals, who, UNKNOWN)


def trusts_service(role: Actor, services: tuple[str, ...]) -> bool:
    """Return whether one of some services may assume a role, in any partition."""
    if role.trust is None or role.trust.unread:
        return True
    return any(_is_for(statement, services) for action in _ASSUMING for statement in _about(role, action))


def _is_for(statement: Statement, services: tuple[str, ...]) -> bool:
    if statement.effect is Effect.DENY:
        return False
    if statement.not_principals or is_everyone(statement.principals):
        return True
    named = (*statement.principals.get("Service", ()), *statement.principals.get("Federated", ()))
    return any(each.removesuffix(".cn") in services or _is_open(each) for each in named)


def _is_open(name: str) -> bool:
    return "<" in name or "*" in name


def trusted_providers(role: Actor) -> frozenset[str]:
    """Return the identity providers (ARNs) whose users may assume a role."""
    if role.trust is None:
        return frozenset()
    return frozenset(
        provider
        for action in _ASSUMING
        for statement in _about(role, action)
        if statement.effect is Effect.ALLOW
        and conditions_hold(statement, PartialContext(complete=False)) is not NO
        for provider in statement.principals.get("Federated", ())
    )


def _about(role: Actor, action: str) -> Iterator[Statement]:
    statements = role.trust.statements if role.trust else ()
    return (statement for statement in statements if statement.covers_action(action))
