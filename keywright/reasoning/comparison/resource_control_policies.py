"""Resource control policies as layers of a comparison, for each way in which AWS may apply them.

AWS lists the services that support them, and the list grows; service-linked roles are not affected ("Resource
control policies (RCPs)", AWS Organizations User Guide). So a comparison is made for the supported services;
for the others both with and without the policies, the same before and after; and for service-linked roles
without them. A proof must hold in each.
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
"""Allows all service-linked roles, and principals without ARN: a session of such a role hides it."""


def each_comparison(before: Policies, after: Policies, *, may_be_linked: bool) -> Iterator[tuple[Sides, str]]:
    """Yield the sides to compare, and why a difference there may not be real; empty where it is."""
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
    """Describe what AWS would not accept in the policies; empty where it accepts them."""
    for level in policies.resource_control:
        for statement in (each for document in level for each in document.statements):
            if not (statement.principals or statement.not_principals):
                return "a resource control policy has no `Principal`"
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
    """Return each level as a layer.

    Everything except its denials, since AWS's own Allow cannot be detached.
    """
    return [(Document((_EVERYTHING, *_denied(level))),) for level in policies.resource_control]


def _denied(level: tuple[Document, ...]) -> Iterator[Statement]:
    for document in level:
        for each in document.statements:
            if each.effect is Effect.DENY:
                yield replace(each, principals={})
