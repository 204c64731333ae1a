"""Wildcards that an exact grant cannot do without, told apart from those that somebody wrote."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from access_constructs.accepted_finding import accept_all, as_reported, wildcard_findings
from keywright.policy.statement import Effect, Statement
from keywright.statements.conditions import is_bound_by_tag
from keywright.statements.grants.s3 import OBJECT_ACTIONS, VERSION_ACTIONS
from keywright.statements.grants.services import is_harmless_everywhere
from keywright.statements.grants.sessions import why_any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs import IConstruct

NOTHING: Mapping[str, str] = MappingProxyType({})
_OBJECTS = re.compile(r"arn:[^:*?]+:s3:(::[^/*?]+|[^:*?]+:[^:*?]+:accesspoint/[^/*?]+/object)/([^*?]*/)?\*")
_OBJECT_ACTIONS = frozenset(
    action for table in (OBJECT_ACTIONS, VERSION_ACTIONS) for actions in table.values() for action in actions
)
_KEYS_UNKNOWN = "the keys of objects are not known beforehand; the pattern begins with the whole bucket, or the granted folder"
_TAGGED = "a tag of the resource decides, and nothing of the pattern does that has not this tag"
_NO_RESOURCE = "each of these actions lists or reads, and AWS authorizes it on no resource"


def accept_necessary_wildcards(
    construct: IConstruct, statements: Sequence[Statement], *, beside: Mapping[str, str] = NOTHING
) -> None:
    """Accept, each as the one finding it is, the wildcards in grants that AWS leaves no narrower way to write.

    These are the objects of a bucket or folder, for actions on objects alone, and `*` for actions that list or read
    and know no resource ("Actions, resources, and condition keys", Service Authorization Reference), resources of
    which a tag decides, and what sessions on instances take. cdk-nag names a
    finding by the resource: where one statement needs its wildcard and another of the same owner does not, neither is
    accepted. Every other wildcard stays a finding. `beside` are further findings to accept, in the same call.
    """
    accept_all(construct, {**necessary_wildcards(construct, statements), **beside})


def necessary_wildcards(construct: IConstruct, statements: Sequence[Statement]) -> dict[str, str]:
    """Give the ids of these findings, each with its reason; `construct` is anything of the stack."""
    return dict(_necessary(construct, statements))


def _necessary(construct: IConstruct, statements: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    allowed = [statement for statement in statements if statement.effect is Effect.ALLOW]
    for resource in sorted({each for statement in allowed for each in statement.resources if "*" in each}):
        reasons = {_reason(statement, resource) for statement in allowed if resource in statement.resources}
        if "" not in reasons:
            yield (
                f"AwsSolutions-IAM5[Resource::{as_reported(construct, resource)}]",
                "; ".join(sorted(reasons)),
            )


def _reason(statement: Statement, resource: str) -> str:
    if not statement.actions:
        return ""
    if _OBJECTS.fullmatch(resource) and _OBJECT_ACTIONS.issuperset(statement.actions):
        return _KEYS_UNKNOWN
    if resource != "*" and is_bound_by_tag(statement):
        return _TAGGED
    if resource == "*" and all(map(is_harmless_everywhere, statement.actions)):
        return _NO_RESOURCE
    return why_any(statement, resource)


def accept_argued_wildcards(
    construct: IConstruct, argued: Sequence[tuple[Statement, str]], others: Sequence[Statement]
) -> None:
    """Accept the wildcards of statements that somebody gave a reason for, each as the one finding it is.

    cdk-nag names a finding by the resource: where another statement of the owner has the same wildcard without need or
    reason, it stays a finding.
    """
    reasons: dict[str, str] = {}
    for statement, reason in argued:
        for finding in wildcard_findings(construct, [statement]):
            reasons[f"AwsSolutions-IAM5[{finding}]"] = reason
    for other in others:
        if other.effect is Effect.ALLOW:
            for resource in other.resources:
                if "*" in resource and not _reason(other, resource):
                    reasons.pop(f"AwsSolutions-IAM5[Resource::{as_reported(construct, resource)}]", None)
    accept_all(construct, reasons)
