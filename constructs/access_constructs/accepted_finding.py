"""Findings of rule packs that a construct cannot help causing, accepted one by one with the evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from keywright.policy.statement import Effect, Statement
from keywright.reporting.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs import IConstruct

STRICT_PACKS = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")

_EXACT = re.compile(r"[A-Za-z0-9.]+-[A-Za-z0-9]+(\[.+\])?|[A-Z]{3}[0-9]{3}\[.+\]", re.DOTALL)
_GUARDRAIL = re.compile(r"[A-Z]{3}[0-9]{3}\[")
_NEEDS_FINDING = re.compile(r"-(IAM4|IAM5|IAMNoManagedPolicies|IAMNoWildcardPermissions)$")


def accept(construct: IConstruct, finding_id: str, reason: str) -> None:
    """Accept exactly one finding on a construct and what is below it; see `accept_all`."""
    accept_all(construct, {finding_id: reason})


def accept_all(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept exactly these findings, each for its reason, on a construct and what is below it.

    A finding's id is the rule's as cdk-nag reports it, with the finding in brackets where the rule has several:
    `AwsSolutions-SMG4`, `AwsSolutions-IAM5[Resource::arn:aws:s3:::reports/*]`; a guardrail's always has it:
    `USR006[Policies]`. It is acknowledged under the pack's name, which leaves a trace in the validation report
    ("Validations", AWS CDK API Reference).

    Raises:
        ValueError: A reason is empty, or an id would accept every finding of a rule, or none.
    """
    for finding_id, reason in reasons.items():
        _refuse_careless(finding_id, reason)
    if not reasons:
        return
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=f"{_pack(each)}::{each}", reason=reason) for each, reason in reasons.items())
    )


def in_strict_packs(reasons: Mapping[str, str]) -> dict[str, str]:
    """Spell out reasons by rule, such as `LambdaInsideVPC`, for the packs that know rules by these names."""
    return {f"{pack}-{rule}": reason for rule, reason in reasons.items() for pack in STRICT_PACKS}


def _refuse_careless(finding_id: str, reason: str) -> None:
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


def _pack(finding_id: str) -> str:
    return "Keywright" if _GUARDRAIL.match(finding_id) else finding_id.partition("-")[0]


def accept_wildcards(construct: IConstruct, statements: Iterable[Statement], reason: str) -> None:
    """Accept the wildcards that these statements hold, each as the finding AwsSolutions-IAM5 makes of it."""
    found = wildcard_findings(construct, statements)
    accept_all(construct, {f"AwsSolutions-IAM5[{finding}]": reason for finding in found})


def wildcard_findings(construct: IConstruct, statements: Iterable[Statement]) -> tuple[str, ...]:
    """Name the wildcards in the Allow statements the way cdk-nag does, in order, each once."""
    allowed = [statement for statement in statements if statement.effect is Effect.ALLOW]
    actions = [f"Action::{action}" for each in allowed for action in each.actions if "*" in action]
    resources = [as_reported(construct, resource) for each in allowed for resource in each.resources]
    wild = [f"Resource::{resource}" for resource in resources if "*" in resource]
    return tuple(dict.fromkeys([*actions, *wild]))


def as_reported(construct: IConstruct, value: str) -> str:
    """Write a resource as cdk-nag shows it: `arn:<AWS::Partition>:iam::…:user/<aws:username>`."""
    is_literal = "${Token[" not in value  # asked here: the CDK's own answer would be a call into Node
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
