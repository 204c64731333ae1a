"""Accepts findings of rule packs that a construct cannot avoid: one by one, each with its reason."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from keywright.policy.statement import Effect, Statement
from keywright.reporting.text import refusal
from keywright.statements.conditions import has_resource_tag_condition
from keywright.statements.grants.s3 import OBJECT_ACTIONS, VERSION_ACTIONS
from keywright.statements.grants.services import reads_without_resource
from keywright.statements.grants.sessions import session_wildcard_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from constructs import IConstruct


STRICT_PACKS = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")

_EXACT = re.compile(r"[A-Za-z0-9.]+-[A-Za-z0-9]+(\[.+\])?|[A-Z]{3}[0-9]{3}\[.+\]", re.DOTALL)
_GUARDRAIL = re.compile(r"[A-Z]{3}[0-9]{3}\[")
# These rules report several findings each, so the id of the rule alone would accept all of them.
_NEEDS_FINDING = re.compile(r"-(IAM4|IAM5|IAMNoManagedPolicies|IAMNoWildcardPermissions)$")


def accept(construct: IConstruct, finding_id: str, reason: str) -> None:
    """Accept exactly one finding on a construct and its children; see `accept_all`."""
    accept_all(construct, {finding_id: reason})


def accept_all(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept exactly these findings, each with its reason, on a construct and its children.

    A finding's id is the rule's id as cdk-nag reports it, with the finding in brackets where the rule reports several:
    `AwsSolutions-SMG4`, `AwsSolutions-IAM5[Resource::arn:aws:s3:::reports/*]`. A guardrail's id always has brackets:
    `USR006[Policies]`. Acknowledged findings stay in the validation report ("Validations", AWS CDK API Reference).

    Raises:
        ValueError: An empty reason, or an id that matches all findings of a rule, or none.
    """
    for finding_id, reason in reasons.items():
        _refuse_unspecific(finding_id, reason)
    if not reasons:
        return
    # Only an id with the name of its pack is recorded in the validation report; a bare one leaves no trace
    # there.
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=f"{_pack(each)}::{each}", reason=reason) for each, reason in reasons.items())
    )


def in_strict_packs(reasons: Mapping[str, str]) -> dict[str, str]:
    """Turn reasons by rule name, such as `LambdaInsideVPC`, into finding ids of the packs that use these names."""
    return {f"{pack}-{rule}": reason for rule, reason in reasons.items() for pack in STRICT_PACKS}


def _refuse_unspecific(finding_id: str, reason: str) -> None:
    # The CDK accepts an empty reason, and an id that matches nothing, without a message.
    if not reason.strip():
        raise refusal("an accepted finding needs a reason", found="none", accepted="one sentence")
    if not _EXACT.fullmatch(finding_id) or _NEEDS_FINDING.search(finding_id):
        raise refusal(
            "an id must name one finding",
            found=f"`{finding_id}`",
            accepted="`<pack>-<rule>`, and `[<finding>]` where the rule reports several",
        )


def _pack(finding_id: str) -> str:
    return "Keywright" if _GUARDRAIL.match(finding_id) else finding_id.partition("-")[0]


def accept_wildcards(construct: IConstruct, statements: Iterable[Statement], reason: str) -> None:
    """Accept the AwsSolutions-IAM5 finding of each wildcard in these statements."""
    found = wildcard_findings(construct, statements)
    accept_all(construct, {f"AwsSolutions-IAM5[{finding}]": reason for finding in found})


def wildcard_findings(construct: IConstruct, statements: Iterable[Statement]) -> tuple[str, ...]:
    """Give the wildcards in the Allow statements as cdk-nag names them, in order, without duplicates."""
    allowed = [statement for statement in statements if statement.effect is Effect.ALLOW]
    actions = [f"Action::{action}" for each in allowed for action in each.actions if "*" in action]
    resources = [as_reported(construct, resource) for each in allowed for resource in each.resources]
    wild = [f"Resource::{resource}" for resource in resources if "*" in resource]
    return tuple(dict.fromkeys([*actions, *wild]))


def as_reported(construct: IConstruct, value: str) -> str:
    """Write a resource as cdk-nag reports it: `arn:<AWS::Partition>:iam::…:user/<aws:username>`."""
    is_literal = "${Token[" not in value  # checked here, because the CDK's own check is a call into Node
    resolved = value if is_literal else cdk.Stack.of(construct).resolve(value)
    return _flat(resolved)


def _flat(value: Any) -> str:
    match value:
        case {"Ref": str(name)}:
            return f"<{name}>"
        case {"Fn::GetAtt": [str(resource), str(attribute)]}:
            return f"<{resource}.{attribute}>"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_flat(part) for part in parts)
        case _:
            return str(value).replace("${", "<").replace("}", ">")


NO_FINDINGS: Mapping[str, str] = MappingProxyType({})
_OBJECTS = re.compile(r"arn:[^:*?]+:s3:(::[^/*?]+|[^:*?]+:[^:*?]+:accesspoint/[^/*?]+/object)/([^*?]*/)?\*")
_OBJECT_ACTIONS = frozenset(
    action for table in (OBJECT_ACTIONS, VERSION_ACTIONS) for actions in table.values() for action in actions
)
_OBJECT_KEYS = (
    "object keys are not known in advance; the pattern is limited to the bucket or the granted folder"
)
_RESOURCE_TAG = "a condition on a resource tag limits the pattern to resources with that tag"
_NO_RESOURCE = "each of these actions only lists or reads, and does not support resource-level permissions"


def accept_necessary_wildcards(
    construct: IConstruct, statements: Sequence[Statement], *, beside: Mapping[str, str] = NO_FINDINGS
) -> None:
    """Accept the wildcards in grants that AWS does not allow to be narrower, one finding each.

    These are the objects of a bucket or folder, for actions on objects only; `*` for actions that list or read and do not
    support resource-level permissions ("Actions, resources, and condition keys", Service Authorization Reference);
    resources with a tag condition; and what sessions on instances need. cdk-nag names a finding by the resource: if one
    statement needs its wildcard and another of the same identity does not, neither is accepted. Every other wildcard
    stays a finding. `beside` are further findings to accept in the same call.
    """
    accept_all(construct, {**necessary_wildcards(construct, statements), **beside})


def necessary_wildcards(construct: IConstruct, statements: Sequence[Statement]) -> dict[str, str]:
    """Give the ids of these findings with their reasons; `construct` is any construct of the stack."""
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
    # What a statement with `NotAction` allows is not listed, so nothing shows that it needs the wildcard.
    if not statement.actions:
        return ""
    if _OBJECTS.fullmatch(resource) and _OBJECT_ACTIONS.issuperset(statement.actions):
        return _OBJECT_KEYS
    if resource != "*" and has_resource_tag_condition(statement):
        return _RESOURCE_TAG
    if resource == "*" and all(map(reads_without_resource, statement.actions)):
        return _NO_RESOURCE
    return session_wildcard_reason(statement, resource)


def accept_wildcards_with_reasons(
    construct: IConstruct, justified: Sequence[tuple[Statement, str]], others: Sequence[Statement]
) -> None:
    """Accept the wildcards of statements with a declared reason, one finding each.

    cdk-nag names a finding by the resource: if another statement of the identity has the same wildcard without need or
    reason, it stays a finding.
    """
    reasons: dict[str, str] = {}
    for statement, reason in justified:
        for finding in wildcard_findings(construct, [statement]):
            reasons[f"AwsSolutions-IAM5[{finding}]"] = reason
    for other in others:
        if other.effect is Effect.ALLOW:
            for resource in other.resources:
                if "*" in resource and not _reason(other, resource):
                    reasons.pop(f"AwsSolutions-IAM5[Resource::{as_reported(construct, resource)}]", None)
    accept_all(construct, reasons)
