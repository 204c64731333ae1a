"""Actors as they are after a step has changed what is in force for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.policy.statement import Document, Effect, Statement
from keywright.reasoning.account.actors import Actor, ActorKind, Grant, PolicyKind
from keywright.reasoning.escalation.technique import Restriction

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYTHING = Document((Statement(Effect.ALLOW, actions=("*",), resources=("*",)),))
"""The policy that whoever may write policies writes."""


def with_policy(actor: Actor, document: Document = EVERYTHING) -> Actor:
    """Grant a policy, or everything; a boundary and denials still hold it back."""
    if any(grant.document is document for grant in actor.grants):
        return actor
    return replace(actor, grants=(*actor.grants, Grant(document)))


def with_group(actor: Actor, group: Actor) -> Actor:
    """Put an actor into a group: it keeps what it has."""
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
    """Give an identity outside of the templates that an actor may grant a policy, perhaps within a boundary.

    What such an identity makes in turn is no further away than what it was made by: else each would be another one.
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
    """Take the boundary off."""
    return replace(actor, boundary=None, boundary_arn="")


def without_restriction(actor: Actor, restraint: Restriction, through: str) -> Iterator[tuple[str, Actor]]:
    """Take off each thing of a sort, and name the ARN that doing so acts on.

    `through` is `iam:group` for what a group brings; only policies that deny are worth taking off.
    """
    if restraint is Restriction.BOUNDARY:
        if actor.boundary is not None:
            yield actor.arn, without_boundary(actor)
    elif restraint is Restriction.MEMBERSHIP:
        for group in actor.groups:
            yield group, _without(actor, [each for each in actor.grants if each.group == group])
    else:
        way = PolicyKind.INLINE if restraint is Restriction.INLINE else PolicyKind.MANAGED
        for grant in actor.grants:
            if grant.kind is way and bool(grant.group) is (through == "iam:group"):
                yield grant.group or actor.arn, _without(actor, [grant])


def _without(actor: Actor, gone: list[Grant]) -> Actor:
    kept = tuple(grant for grant in actor.grants if not any(grant is each for each in gone))
    return replace(actor, grants=kept) if any(map(_denies, gone)) else actor


def _denies(grant: Grant) -> bool:
    return any(statement.effect is Effect.DENY for statement in grant.document.statements)
