"""Resource control policies as further layers of a comparison, in each way in which AWS may apply them.

AWS names the services that take part, and the list grows; service-linked roles are not restricted ("Resource control policies
(RCPs)", AWS Organizations User Guide). So a comparison is made for the services that take part; for the others as if they
did and as if they did not, the same before and after; and for service-linked roles without any. A proof must hold in each.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.policy.principals import is_everyone
from keywright.policy.reference import catalogue
from keywright.policy.statement import Document, Effect, Statement
from keywright.reasoning.comparison.search import Sides, layers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.reasoning.comparison.search import Layers
    from keywright.reasoning.evaluation.policies import Policies

UNLISTED = "whether resource control policies apply to one of the services is unknown"
_EVERYTHING = Statement(actions=("*",), resources=("*",))
_LINKED = Document(
    (
        replace(
            _EVERYTHING,
            conditions={"ArnLikeIfExists": {"aws:PrincipalArn": ("arn:*:iam::*:role/aws-service-role/*",)}},
        ),
    )
)
"""Lets all service-linked roles through, and whoever shows no ARN: a session of one hides it."""


def each_comparison(before: Policies, after: Policies, *, may_be_linked: bool) -> Iterator[tuple[Sides, str]]:
    """Give the sides to compare, one after the other, and why what differs there may not be so; empty where it is."""
    if not (before.resource_control or after.resource_control):
        yield Sides(layers_of(before), layers_of(after)), ""
        return
    listed = tuple(f"{service}:*" for service in catalogue.rcp_services())
    taking_part = Document((replace(_EVERYTHING, actions=listed),))
    others = Document((replace(_EVERYTHING, actions=(), not_actions=listed),))
    for among, is_limited, doubt in (
        (taking_part, True, ""),
        (others, True, UNLISTED),
        (others, False, UNLISTED),
    ):
        yield _limited(before, after, among, is_limited=is_limited), doubt
    if may_be_linked:
        yield _limited(before, after, _LINKED, is_limited=False), ""


def unsupported(policies: Policies) -> str:
    """Say what of the policies is none that AWS would take; empty where nothing is."""
    for level in policies.resource_control:
        for statement in (each for document in level for each in document.statements):
            if statement.not_principals or not is_everyone(statement.principals):
                return "a resource control policy names a principal"
            if statement.effect is Effect.ALLOW and not _allows_everything(statement):
                return "a resource control policy has an Allow statement other than full access"
    return ""


def _allows_everything(statement: Statement) -> bool:
    return statement.actions == statement.resources == ("*",) and not statement.conditions


def _limited(before: Policies, after: Policies, among: Document, *, is_limited: bool) -> Sides:
    sides = ([*layers_of(each), (among,), *(_layers(each) if is_limited else [])] for each in (before, after))
    return Sides(*sides)


def _layers(policies: Policies) -> Layers:
    """Give each level as a layer: everything but what it denies, since nobody can detach AWS's own Allow."""
    return [(Document((_EVERYTHING, *_denied(level))),) for level in policies.resource_control]


def _denied(level: tuple[Document, ...]) -> Iterator[Statement]:
    for document in level:
        for each in document.statements:
            if each.effect is Effect.DENY:
                yield replace(each, principals={})
