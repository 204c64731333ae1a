"""Permission sets of IAM Identity Center as principals: in each assigned account AWS creates a role for each of them.

Sources: "AWS::SSO::PermissionSet", CloudFormation template reference; "Referencing permission sets in resource policies,
Amazon EKS Cluster config maps, and AWS KMS key policies", IAM Identity Center User Guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.templates.conditions import exists
from keywright.assembly.templates.policy_documents import policies_in
from keywright.assembly.templates.value import ABSENT, Absent, as_text, as_texts, possible_values, value_at
from keywright.policy.matching.context import NO
from keywright.policy.parsing.documents import parse_document
from keywright.policy.principals import ACCOUNT_AT_DEPLOYMENT
from keywright.policy.reference.managed_policies import PREFIX, managed_policy_document
from keywright.policy.statement import Kind
from keywright.reasoning.account.actors import Account, Actor, ActorKind, Grant, PolicyKind
from keywright.reasoning.evaluation.expiry import without_expired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.symbolic_policies import Spelling
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.assembly.templates.value import Text, Value
    from keywright.policy.statement import Document
    from keywright.reporting.finding import Location

    Spelled = Callable[[Text], str]

PERMISSION_SET = "AWS::SSO::PermissionSet"
PERMISSION_SET_PREFIX = "permissionset/"
_ROLE = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_"
_LASTS = re.compile(r"PT(?:([0-9]{1,4})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,6})S)?")
REFERENCES = "CustomerManagedPolicyReferences"
MADE_BY_AWS = "IAM Identity Center"
# AWS appends a random suffix to the role's name ("Referencing permission sets in resource policies, Amazon EKS
# Cluster config maps, and AWS KMS key policies", IAM Identity Center User Guide).
_AWS_MADE_UP = "<made up by AWS>"


@dataclass(frozen=True)
class AccountWithPermissionSets:
    """An account with its permission sets among the principals, and their sources; see `AccountPrincipals`."""

    account: Account
    resources: Mapping[str, Resource]
    policies: Mapping[int, Policy]
    least: Mapping[int, Document]


def with_permission_sets(
    assembly: Assembly, account: Account, spelling: Spelling, now: datetime | None = None
) -> AccountWithPermissionSets:
    """Add the permission sets to the principals of an account, without what has expired `now`."""
    resources = [each for each in assembly.of_type(PERMISSION_SET) if exists(each) is not NO]
    if not resources:
        return AccountWithPermissionSets(account, {}, {}, {})
    sets = _Sets(spelling, account.policies, now)
    made = {actor.arn: (actor, each) for each in resources for actor in (sets.actor(each),)}
    # A policy that a permission set attaches is no longer an unattached one.
    others = (
        each for each in account.actors if each.kind is not ActorKind.POLICY or each.arn not in sets.attached
    )
    actors = (*others, *(actor for actor, _ in made.values()))
    return AccountWithPermissionSets(
        Account(actors, account.groups, account.credential_sources, account.policies),
        {arn: resource for arn, (_, resource) in made.items()},
        sets.policies,
        sets.least,
    )


def duration_seconds(text: str | None) -> int | None:
    """Read an ISO 8601 session duration in seconds; None if it cannot be read."""
    found = _LASTS.fullmatch(text or "")
    if found is None:
        return None
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return (hours * 60 + minutes) * 60 + seconds


def permission_set_name(resource: Resource) -> str:
    """Give a permission set's name, or its logical id if the name is known only at deployment."""
    return as_text(resource.properties.get("Name", ABSENT)).literal or resource.logical_id


def is_permission_set(actor: Actor) -> bool:
    """Tell whether a principal is the role of a permission set; assignments decide who uses it."""
    return actor.trust is not None and actor.trust.file == MADE_BY_AWS


class _Sets:
    """Reads permission sets; unknown parts of their policies are read both as most and as least access."""

    def __init__(self, spelling: Spelling, of_account: Mapping[str, Document], now: datetime | None) -> None:
        self._spelling = spelling
        self._of_account = {arn.split(":", 4)[-1]: (arn, document) for arn, document in of_account.items()}
        self._now = now
        self.policies: dict[int, Policy] = {}
        self.least: dict[int, Document] = {}
        self.attached: set[str] = set()

    def actor(self, resource: Resource) -> Actor:
        name = permission_set_name(resource)
        account = resource.template.account or self._spelling.account or ACCOUNT_AT_DEPLOYMENT
        partition = resource.template.partition or "aws"
        managed = [*self._texts(resource, "ManagedPolicies"), *self._references(resource, account)]
        boundary = self._boundary_arn(resource, account)
        known = {arn: self._document(arn) for arn in (*managed, *filter(None, (boundary,)))}
        self.attached |= {*managed, boundary}
        return Actor(
            kind=ActorKind.ROLE,
            arn=f"arn:{partition}:iam::{account}:{_ROLE}{name}_{_AWS_MADE_UP}",
            name=f"{PERMISSION_SET_PREFIX}{name}",
            grants=(*self._inline(resource), *_grants(known, managed)),
            boundary=known.get(boundary),
            trust=_trust(partition, account),
            boundary_arn=boundary,
            doubts=tuple(self._doubts(resource, known, managed)),
            origin=resource.template.file,
        )

    def _inline(self, resource: Resource) -> Iterator[Grant]:
        for policy in policies_in(resource, "InlinePolicy"):
            most = self._spelling.most(policy)
            document = without_expired(most, self._now) if self._now else most
            self.least[id(document)] = self._spelling.least(policy)
            self.policies[id(document)] = policy
            yield Grant(document, PolicyKind.INLINE)

    def _texts(self, resource: Resource, name: str) -> Iterator[str]:
        yield from dict.fromkeys(map(self._spelling.text, resource.texts(name)))

    def _references(self, resource: Resource, account: str) -> Iterator[str]:
        """Give the customer managed policies that it references by path and name; see `_named`."""
        for value in possible_values(resource.properties.get(REFERENCES, ABSENT)):
            for each in value if isinstance(value, tuple) else ():
                yield self._named(each, account)

    def _named(self, reference: Value, account: str) -> str:
        """Give the ARN of an account's policy by path and name; path and name alone if the policy is unknown."""
        path = value_at(reference, "Path")
        name = self._spelling.text(as_text(value_at(reference, "Name")))
        whole = "/" if isinstance(path, Absent) else self._spelling.text(as_text(path))
        known = self._of_account.get(f"{account}:policy{whole}{name}")
        return known[0] if known else f"policy{whole}{name}"

    def _document(self, arn: str) -> Document | None:
        """Give a policy of AWS's, or one of the account that the templates declare."""
        known = self._of_account.get(arn.split(":", 4)[-1])
        return known[1] if known else _managed(arn)

    def _boundary_arn(self, resource: Resource, account: str) -> str:
        """Name the boundary: a policy of AWS by its ARN, one of the account by path and name."""
        boundary = resource.properties.get("PermissionsBoundary", ABSENT)
        if isinstance(boundary, Absent):
            return ""
        arn = value_at(boundary, "ManagedPolicyArn")
        if not isinstance(arn, Absent):
            return self._spelling.text(as_text(arn))
        return self._named(value_at(boundary, "CustomerManagedPolicyReference"), account)

    def _doubts(
        self, resource: Resource, known: dict[str, Document | None], managed: list[str]
    ) -> Iterator[str]:
        yield from (f"the policy `{arn}` is not known" for arn in managed if known[arn] is None)
        several = possible_values(resource.properties.get(REFERENCES, ABSENT))
        if not all(isinstance(each, tuple | Absent) for each in several):
            yield "the customer managed policies that it references are not known"
        for name, what in (
            ("ManagedPolicies", "managed policies"),
            (REFERENCES, "customer managed policies"),
        ):
            if _is_open(resource.properties.get(name, ABSENT)):
                yield f"which {what} it has is known only at deployment"


def _is_open(value: Value) -> bool:
    """Tell whether a list, or an item of it, has several possible values."""
    several = possible_values(value)
    items = (item for each in several if isinstance(each, tuple) for item in each)
    return len(several) > 1 or any(len(possible_values(item)) > 1 for item in items)


def _trust(partition: str, account: str) -> Document:
    """Give the trust policy of the role that AWS creates: it trusts the account's own SAML provider."""
    provider = f"arn:{partition}:iam::{account}:saml-provider/AWSSSO_made_up_by_AWS_DO_NOT_DELETE"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    content = {"Version": "2012-10-17", "Statement": [statement]}
    return parse_document(content, file=MADE_BY_AWS, kind=Kind.TRUST)[0]


def _grants(known: dict[str, Document | None], managed: list[str]) -> Iterator[Grant]:
    for arn in managed:
        document = known[arn]
        if document is not None:
            yield Grant(document, PolicyKind.MANAGED, policy=arn)


def _managed(arn: str) -> Document | None:
    name = arn.partition(":iam::aws:policy/")[2]
    content = managed_policy_document(PREFIX + name) if name else None
    return None if content is None else parse_document(content, file=PREFIX + name)[0]


ASSIGNMENT = "AWS::SSO::Assignment"
GROUP = "AWS::IdentityStore::Group"
MEMBERSHIP = "AWS::IdentityStore::GroupMembership"
_CALLED = "keywright:called"
"""The metadata key in which our constructs write the name of an id, for display only."""
_LONGEST = 128


@dataclass(frozen=True)
class CenterAccess:
    """One principal's permission set in an account, or one member's group.

    `who` identifies the principal; `called` is for display, with the id beside the name that a template gives.
    """

    who: str
    called: str
    what: str
    account: str
    location: Location
    stack: str


def assignments(assembly: Assembly, spelled: Spelled) -> Iterator[CenterAccess]:
    """List which principal has which permission set in which account; `spelled` writes a text."""
    for resource in assembly.of_type(ASSIGNMENT):
        kind = _text(resource, spelled, "PrincipalType").lower()
        who = _text(resource, spelled, "PrincipalId")
        name = _referred(resource, "PrincipalId", GROUP, "DisplayName", spelled)
        yield CenterAccess(
            f"{kind} {who}",
            f"{kind} {_called(resource, who, name)}",
            _set_of(resource, spelled),
            _text(resource, spelled, "TargetId"),
            resource.location,
            resource.template.id,
        )


def memberships(assembly: Assembly, spelled: Spelled) -> Iterator[CenterAccess]:
    """List who is in which group of an identity store."""
    for resource in assembly.of_type(MEMBERSHIP):
        group = _text(resource, spelled, "GroupId")
        name = _referred(resource, "GroupId", GROUP, "DisplayName", spelled)
        who = _text(resource, spelled, "MemberId", "UserId")
        called = f"user {_called(resource, who, '')}"
        what = f"group {name or group}"
        yield CenterAccess(f"user {who}", called, what, "", resource.location, resource.template.id)


def _set_of(resource: Resource, spelled: Spelled) -> str:
    """Name a permission set of the same template by its name, any other by its ARN."""
    name = _referred(resource, "PermissionSetArn", PERMISSION_SET, "Name", spelled)
    return f"{PERMISSION_SET_PREFIX}{name}" if name else _text(resource, spelled, "PermissionSetArn")


def _called(resource: Resource, who: str, name: str) -> str:
    metadata = resource.raw.get("Metadata")
    written = metadata.get(_CALLED) if isinstance(metadata, dict) else None
    # Metadata is untrusted and only for display, so the id stays beside it.
    known = written if isinstance(written, str) and written.isprintable() and len(written) <= _LONGEST else ""
    if not name and known:
        return f"{known} ({who})"
    return name or who


def _text(resource: Resource, spelled: Spelled, name: str, *below: str) -> str:
    """Write a property, with all of its possible values."""
    several = possible_values(resource.properties.get(name, ABSENT))
    texts = (spelled(text) for each in several for text in as_texts(value_at(each, *below)))
    return ", ".join(dict.fromkeys(texts))


def _referred(resource: Resource, name: str, kind: str, naming: str, spelled: Spelled) -> str:
    """Give the name of the resource whose attribute a property references in the same template; "" for anything else."""
    properties = resource.raw.get("Properties")
    target = _target(properties.get(name)) if isinstance(properties, dict) else ""
    found = resource.template.resources.get(target) if target else None
    return _text(found, spelled, naming) if found is not None and found.type == kind else ""


def _target(node: Node | None) -> str:
    """Read the logical id of `Fn::GetAtt`, in both of its forms."""
    found = node.get("Fn::GetAtt") if isinstance(node, dict) and len(node) == 1 else None
    if isinstance(found, str):
        return found.partition(".")[0]
    return str(found[0]) if isinstance(found, list) and found and isinstance(found[0], str) else ""
