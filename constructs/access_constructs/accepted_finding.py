"""Findings of rule packs that a construct cannot help causing, accepted one by one with the evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from access_constructs.refusal import refusal
from keywright.policy.statement import Effect, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import IConstruct

_EXACT = re.compile(r"[A-Za-z0-9.]+-[A-Za-z0-9]+(\[.+\])?", re.DOTALL)
_NEEDS_FINDING = re.compile(r"-(IAM4|IAM5|IAMNoManagedPolicies|IAMNoWildcardPermissions)$")


def accept(construct: IConstruct, finding_id: str, reason: str) -> None:
    """Accept exactly one finding on a construct and what is below it.

    `finding_id` is the rule's id as cdk-nag reports it, with the finding in brackets where the rule has several:
    `AwsSolutions-SMG4`, `AwsSolutions-IAM5[Resource::arn:aws:s3:::reports/*]`. It is acknowledged under the pack's
    name, which leaves a trace in the validation report ("Validations", AWS CDK API Reference).

    Raises:
        ValueError: The reason is empty, or the id would accept every finding of a rule, or none.
    """
    if not reason.strip():
        raise refusal(
            "a finding is accepted for a reason", found="none", accepted="the evidence in a sentence"
        )
    if not _EXACT.fullmatch(finding_id) or _NEEDS_FINDING.search(finding_id):
        raise refusal(
            "one finding is accepted at a time",
            found=f"`{finding_id}`",
            accepted="`<pack>-<rule>`, and `[<finding>]` where the rule reports several",
        )
    pack = finding_id.partition("-")[0]
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=f"{pack}::{finding_id}", reason=reason))


def accept_wildcards(construct: IConstruct, statements: Iterable[Statement], reason: str) -> None:
    """Accept the wildcards that these statements hold, each as the finding AwsSolutions-IAM5 makes of it."""
    for finding in wildcard_findings(construct, statements):
        accept(construct, f"AwsSolutions-IAM5[{finding}]", reason)


def wildcard_findings(construct: IConstruct, statements: Iterable[Statement]) -> tuple[str, ...]:
    """Name the wildcards in the Allow statements the way cdk-nag does, in order, each once."""
    allowed = [statement for statement in statements if statement.effect is Effect.ALLOW]
    actions = [f"Action::{action}" for each in allowed for action in each.actions if "*" in action]
    resources = [_as_reported(construct, resource) for each in allowed for resource in each.resources]
    wild = [f"Resource::{resource}" for resource in resources if "*" in resource]
    return tuple(dict.fromkeys([*actions, *wild]))


def _as_reported(construct: IConstruct, value: str) -> str:
    """Write a resource as cdk-nag shows it: `arn:<AWS::Partition>:iam::…:user/<aws:username>`."""
    resolved = cdk.Stack.of(construct).resolve(value) if cdk.Token.is_unresolved(value) else value
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
