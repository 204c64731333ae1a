"""Actors as they are after an escalation step has changed their policies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.policy.statement import Document, Effect
from keywright.reasoning.account.actors import Actor, ActorKind, Grant, PolicyKind
from keywright.reasoning.escalation.technique import Restriction
from keywright.reasoning.evaluation.policies import FULL_ACCESS

if TYPE_CHECKING:
    from collections.abc import Iterator


def with_policy(actor: Actor, document: Document = FULL_ACCESS) -> Actor:
    """Attach a policy, by default one that allows everything; boundary and denials still apply."""
    if any(grant.document is document for grant in actor.grants):
        return actor
    return replace(actor, grants=(*actor.grants, Grant(document)))


def with_group(actor: Actor, group: Actor) -> Actor:
    """Add an actor to a group; it keeps the policies that it has."""
    gained = tuple(replace(grant, group=group.arn) for grant in group.grants)
    return replace(
        actor,
        grants=(*actor.grants, *gained),
        groups=(*actor.groups, group.arn),
        doubts=(*actor.doubts, *group.doubts),
    )


def external_identity(
    actor: Actor, name: str, document: Document, boundary_arn: str = "", boundary: Document | None = None
) -> Actor:
    """Return an identity outside the templates that an actor can give a policy, perhaps with a boundary.

    An identity that such an identity creates counts as created by the first actor: otherwise the chain would
    never end.
    """
    maker = actor.made_by or actor.arn
    return Actor(
        kind=ActorKind.ROLE,
        arn=f"{maker}/{name}",
        made_by=maker,
        name=name,
        grants=(Grant(document),),
        boundary=boundary,
        boundary_arn=boundary_arn,
        origin=actor.origin,
    )


def without_boundary(actor: Actor) -> Actor:
    """Remove the boundary."""
    return replace(actor, boundary=None, boundary_arn="")


def without_restriction(actor: Actor, restriction: Restriction, through: str) -> Iterator[tuple[str, Actor]]:
    """Remove each restriction of a kind in turn; yield the ARN that this acts on, with the changed actor.

    `through` is `iam:group` for policies that come from a group; only policies with a Deny are worth
    removing.
    """
    if restriction is Restriction.BOUNDARY:
        if actor.boundary is not None:
            yield actor.arn, without_boundary(actor)
    elif restriction is Restriction.MEMBERSHIP:
        for group in actor.groups:
            yield group, _without(actor, [each for each in actor.grants if each.group == group])
    else:
        way = PolicyKind.INLINE if restriction is Restriction.INLINE else PolicyKind.MANAGED
        for grant in actor.grants:
            if grant.kind is way and bool(grant.group) is (through == "iam:group"):
                yield grant.group or actor.arn, _without(actor, [grant])


def _without(actor: Actor, removed: list[Grant]) -> Actor:
    kept = tuple(grant for grant in actor.grants if not any(grant is each for each in removed))
    return replace(actor, grants=kept) if any(map(_denies, removed)) else actor


def _denies(grant: Grant) -> bool:
    return any(statement.effect is Effect.DENY for statement in grant.document.statements)
