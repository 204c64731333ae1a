"""What users, groups and roles share: their arguments, their policies, and how many of them become resources at once.

A call from Python into the CDK's process costs about half a millisecond, and a construct takes several. So a definition
writes a resource as plain data once: a single construct passes it to a typed L1, `BulkIdentities` passes thousands to
the CDK in one call.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NotRequired, TypedDict

import aws_cdk.aws_iam as iam

from access_constructs.synthesis.accepted_findings import accept_all, necessary_wildcards, wildcard_findings
from access_constructs.synthesis.resources import IncludedResources
from keywright.policy.compaction import (
    MANAGED_QUOTA,
    distribute_statements,
    document_size,
    fit_statements,
    merge_statements,
)
from keywright.policy.quotas import MANAGED
from keywright.policy.statement import Effect, Statement, policy_document
from keywright.reporting.text import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from constructs import Construct, IConstruct

    from access_constructs.synthesis.resources import Properties

INLINE_NAME = "grants"
INLINE_ACCEPTED = {
    "IAMNoInlinePolicy": "grants are part of their user, group or role: created, changed and deleted with it, atomically"
}
"""Why findings of the packs that refuse inline policies are accepted; see `accepted_findings.in_strict_packs`."""
_PATH = re.compile(r"/|/[\x21-\x7e]{1,510}/")
_UNRESOLVED = "${Token["
"""Marks a text that the CDK resolves at synthesis."""


class IdentityArguments(TypedDict):
    """The arguments that every user, group and role takes."""

    name: str
    path: str
    managed_policy_arns: NotRequired[Sequence[str]]


@dataclass(frozen=True)
class IdentityPolicies:
    """The `Policies` and `ManagedPolicyArns` of a user, group or role."""

    policies: list[Properties]
    managed_policy_arns: list[str]

    @property
    def properties(self) -> Properties:
        """The properties of the CloudFormation resource, without empty ones."""
        given = {"Policies": self.policies, "ManagedPolicyArns": self.managed_policy_arns}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, kw_only=True)
class IdentityDefinition(ABC):
    """A user, group or role as data: the arguments of its construct, and the resource that they make."""

    kind: ClassVar[str]
    """The first word of its logical ids, such as `Role`."""
    resource_type: ClassVar[str]
    inline_quota: ClassVar[int]
    """Characters of all its inline policies together."""

    name: str
    path: str
    statements: Sequence[Statement]
    managed_policy_arns: Sequence[str] = ()

    @property
    def full_name(self) -> str:
        """Its name in IAM."""
        return self.name

    @property
    def grants(self) -> Sequence[Statement]:
        """Its statements, with their time bounds."""
        return self.statements

    @property
    def logical_id(self) -> str:
        """The logical id of its resource."""
        return logical_id(self.kind, self.full_name)

    @abstractmethod
    def accepted_by_kind(self, *, inline: bool) -> Mapping[str, str]:
        """Give the findings that every identity of this kind causes, with or without inline policies, and the reasons."""

    @abstractmethod
    def properties(self, policies: IdentityPolicies) -> Properties:
        """Give the properties of its resource with these policies."""

    def policies(self, scope: Construct) -> IdentityPolicies:
        """Give its policies, made in `scope` where they do not fit inline; see `identity_policies`."""
        return identity_policies(
            scope,
            kind=self.kind,
            name=self.full_name,
            path=self.path,
            statements=self.grants,
            managed_policy_arns=self.managed_policy_arns,
            inline_quota=self.inline_quota,
        )

    def accepted_findings(self, construct: IConstruct, *, inline: bool) -> dict[str, str]:
        """Give the findings to accept, with their reasons; `construct` is any construct of the stack."""
        return {**necessary_wildcards(construct, self.grants), **self.accepted_by_kind(inline=inline)}

    def accepted_in_bulk(self, construct: IConstruct) -> dict[str, str]:
        """Give the findings to accept where its resources are made in bulk."""
        return self.accepted_findings(construct, inline=bool(self.grants))

    def wildcard_finding_ids(self, construct: IConstruct) -> set[str]:
        """Give the ids of the findings about wildcards in its statements."""
        return {f"AwsSolutions-IAM5[{each}]" for each in wildcard_findings(construct, self.grants)}

    @cached_property
    def resources(self) -> Mapping[str, Properties] | None:
        """Its resource by logical id; None where its statements need managed policies beside it.

        Raises:
            ValueError: A document that IAM would refuse.
        """
        inline = inline_policies(self.grants, self.inline_quota)
        if inline is None:
            return None
        policies = IdentityPolicies(inline, list(self.managed_policy_arns))
        return {self.logical_id: {"Type": f"AWS::IAM::{self.kind}", "Properties": self.properties(policies)}}


def fits_in_bulk(construct: IConstruct, identity: IdentityDefinition) -> bool:
    """Tell whether an identity can be made in bulk: its statements fit inline, and every wildcard is necessary.

    A finding in bulk is accepted for all, so a wildcard that only one identity justifies needs its own construct.
    """
    accepted = necessary_wildcards(construct, identity.grants)
    return identity.resources is not None and identity.wildcard_finding_ids(construct) <= accepted.keys()


class BulkIdentities(IncludedResources):
    """Any number of people, groups or roles in three calls into the CDK.

    Every resource is a typed construct with the same logical id and properties as its own construct would give it. A
    finding is accepted for all of them at once, and only if each identity that causes it accepts it.

    Raises:
        ValueError: A duplicate name, statements that do not fit inline, or what the identity's own construct refuses.
    """

    def __init__(self, scope: Construct, construct_id: str, identities: Iterable[IdentityDefinition]) -> None:
        resources: dict[str, Any] = {}
        members = list(identities)
        for identity in members:
            resources |= _new_resources(identity, resources)
        super().__init__(scope, construct_id, resources)
        accept_all(self, _accepted_by_all(self, members))


def _new_resources(identity: IdentityDefinition, others: Mapping[str, Any]) -> Mapping[str, Properties]:
    if identity.resources is None:
        raise refusal(
            f"`{identity.full_name}` cannot be made in bulk",
            found="statements that exceed its inline quota",
            accepted="a construct of its own",
        )
    # Merged into one dictionary, the second of two equal names would silently replace the first.
    if not others.keys().isdisjoint(identity.resources):
        raise refusal("a name is declared twice", found=f"`{identity.full_name}`", accepted="each name once")
    return identity.resources


def _accepted_by_all(construct: IConstruct, identities: Sequence[IdentityDefinition]) -> dict[str, str]:
    accepted: dict[str, dict[str, None]] = {}
    refused: set[str] = set()
    for identity in identities:
        own = identity.accepted_in_bulk(construct)
        # A finding's id is the same for all members: one that does not need the wildcard keeps it a finding
        # for all.
        refused |= identity.wildcard_finding_ids(construct) - own.keys()
        for finding, reason in own.items():
            accepted.setdefault(finding, {})[reason] = None
    return {
        finding: "; ".join(sorted(reasons)) for finding, reasons in accepted.items() if finding not in refused
    }


def identity_policies(
    scope: Construct,
    *,
    kind: str,
    name: str,
    path: str,
    statements: Sequence[Statement],
    managed_policy_arns: Sequence[str] = (),
    inline_quota: int,
) -> IdentityPolicies:
    """Give the policies of an identity: one inline policy with the merged statements, if they fit the quota.

    Otherwise the Allow statements go to as few managed policies as possible, `<kind>-<name>-<number>` under the path.
    Deny statements always stay inline: a Deny that moves between two resources would be absent for a moment. The order
    of the statements has no effect on the result.

    Raises:
        ValueError: A malformed path, an item that is not a statement, or statements that do not fit even so.
    """
    _refuse_bad(name, path, statements)
    inline = inline_policies(statements, inline_quota)
    if inline is not None:
        return IdentityPolicies(inline, list(managed_policy_arns))
    # A Deny in a managed policy would be absent while that is created or replaced, so it stays inline.
    denied = [each for each in fit_statements(statements, inline_quota) if each.effect is Effect.DENY]
    if document_size(policy_document(*denied)) > inline_quota:
        raise refusal(
            f"the Deny statements of `{name}` exceed its inline quota",
            found=f"{document_size(policy_document(*denied))} characters",
            accepted=f"at most {inline_quota}",
        )
    allowed = [each for each in statements if each.effect is Effect.ALLOW]
    # The default quota is the same for users, groups and roles.
    free = MANAGED["group"].default - len(managed_policy_arns)
    policies = [
        _managed_policy(scope, kind=kind, name=name, path=path, number=number, statements=share)
        for number, share in _distribute(name, allowed, free).items()
    ]
    return IdentityPolicies(_inline(denied), [*managed_policy_arns, *(policy.ref for policy in policies)])


def inline_policies(statements: Sequence[Statement], inline_quota: int) -> list[Properties] | None:
    """Give the merged statements as one inline policy, or none for no statements; None where they exceed the quota."""
    merged = fit_statements(statements, inline_quota)
    fits = not merged or document_size(policy_document(*merged)) <= inline_quota
    return _inline(merged) if fits else None


def _refuse_bad(name: str, path: str, statements: Sequence[Statement]) -> None:
    if not (_PATH.fullmatch(path) or _UNRESOLVED in path):
        raise refusal(
            f"the path of `{name}` is malformed",
            found=f"`{path}`",
            accepted="such as `/reports/`: a slash at both ends, at most 512 characters",
        )
    other = next((each for each in statements if not isinstance(each, Statement)), None)
    if other is not None:
        raise refusal(
            f"a grant of `{name}` is not a statement",
            found=f"`{type(other).__name__}`",
            accepted="`Statement`, such as `S3Grant(...).statements()` gives",
        )


def _inline(statements: Sequence[Statement]) -> list[Properties]:
    if not statements:
        return []
    return [{"PolicyName": INLINE_NAME, "PolicyDocument": policy_document(*statements)}]


def _managed_policy(
    scope: Construct, *, kind: str, name: str, path: str, number: int, statements: Sequence[Statement]
) -> iam.CfnManagedPolicy:
    policy = iam.CfnManagedPolicy(
        scope,
        f"Grants{number}",
        managed_policy_name=f"{kind.lower()}-{name}-{number}",
        path=path,
        # Name and description are create-only, so neither depends on the grants.
        description="Grants past the inline quota of their owner",
        policy_document=policy_document(*statements),
    )
    policy.override_logical_id(logical_id(f"{kind}Grants", name, f"N{number}"))
    return policy


def _distribute(name: str, statements: Sequence[Statement], free: int) -> dict[int, tuple[Statement, ...]]:
    found = distribute_statements(statements, MANAGED_QUOTA, free)
    if found is None:
        raise refusal(
            f"the grants of `{name}` do not fit its policies",
            found=f"{document_size(policy_document(*merge_statements(statements)))} characters",
            accepted=f"{max(free, 0)} managed policies of {MANAGED_QUOTA} characters, no statement longer than one",
        )
    return found
