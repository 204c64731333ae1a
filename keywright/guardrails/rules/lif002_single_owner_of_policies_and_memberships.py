"""LIF002: each membership and each inline policy is declared by one resource.

What it checks
    No two resources of the assembly add the same user to the same group, put an inline policy of the same name on the
    same identity, or attach the same managed policy to it. No two stacks have an AWS::IAM::Policy of the same name.

Why it matters
    CloudFormation deletes what a resource created when that resource is removed. With two resources, an update or
    rollback of one also deletes the access that the other still declares, or its Deny. Since 2026 CloudFormation
    refuses an AWS::IAM::Policy whose name another stack uses.

Refused
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice, Groups: [readers]}
    Addition:
      Type: AWS::IAM::UserToGroupAddition
      Properties: {GroupName: readers, Users: [alice]}
    ---
    Readers:
      Type: AWS::IAM::Group
      Properties:
        GroupName: readers
        Policies: [{PolicyName: grants, PolicyDocument: {Statement: []}}]
    Grants:
      Type: AWS::IAM::GroupPolicy
      Properties: {GroupName: readers, PolicyName: grants, PolicyDocument: {Statement: []}}

Accepted
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice, Groups: [readers, writers]}
    Readers:
      Type: AWS::IAM::Group
      Properties:
        GroupName: readers
        Policies: [{PolicyName: grants, PolicyDocument: {Statement: []}}]

Blind to
    Resources in other assemblies, and names that are known only at deployment.

See
    CloudFormation template reference, AWS::IAM::Policy and AWS::IAM::UserToGroupAddition.
"""

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import Identities
from keywright.assembly.templates.value import Text
from keywright.guardrails.place import Place
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource

CODE = "LIF002"
SEVERITY = Severity.ERROR

ACCEPTED = "`Groups` and `Policies` of the identity itself"


def check(found: Identities) -> Iterator[Finding]:
    """Report the second and every further resource."""
    yield from _memberships(found)
    yield from _policies(found)
    yield from _attachments(found)
    yield from _names_across_stacks(found)


def _memberships(found: Identities) -> Iterator[Finding]:
    first: dict[Hashable, Resource] = {}
    for each in found.memberships:
        key = (each.holder.template.account, each.user, each.group)
        owner = first.setdefault(key, each.holder)
        # Names with unknown parts may differ at deployment.
        if owner is not each.holder and _is_certain(each.user, each.group):
            yield Place(each.holder, each.path).fault(
                CODE,
                f"user `{each.user}` is added to group `{each.group}` by two resources",
                found=f"`{owner.label}` and `{each.holder.label}`",
                accepted=ACCEPTED,
                see=(owner.location,),
            )


def _policies(found: Identities) -> Iterator[Finding]:
    first: dict[Hashable, Resource] = {}
    for each in found.inline_policies:
        holder = each.policy.holder
        key = (holder.template.account, each.kind, each.owner, each.policy.name)
        owner = first.setdefault(key, holder)
        if owner is not holder and _is_certain(each.owner, each.policy.name):
            yield Place(holder).fault(
                CODE,
                f"policy `{each.policy.name}` of {each.kind} `{each.owner}` is declared by two resources",
                found=f"`{owner.label}` and `{holder.label}`",
                accepted=ACCEPTED,
                see=(owner.location,),
            )


def _attachments(found: Identities) -> Iterator[Finding]:
    for identity in found.all:
        first: dict[Text, Resource] = {}
        for each in identity.attached:
            owner = first.setdefault(each.arn, each.holder)
            if owner is not each.holder and _is_certain(each.arn):
                yield Place(each.holder, each.path).fault(
                    CODE,
                    f"managed policy `{each.arn}` is attached to {identity.kind} `{identity.label}` by two resources",
                    found=f"`{owner.label}` and `{each.holder.label}`",
                    accepted="`ManagedPolicyArns` of the identity itself",
                    see=(owner.location,),
                )


def _names_across_stacks(found: Identities) -> Iterator[Finding]:
    first: dict[Hashable, Resource] = {}
    for each in found.inline_policies:
        holder = each.policy.holder
        if holder.type != "AWS::IAM::Policy":
            continue
        key = (holder.template.account, holder.template.region, each.policy.name)
        owner = first.setdefault(key, holder)
        if owner.template is not holder.template and _is_certain(each.policy.name):
            yield Place(holder, ("Properties", "PolicyName")).fault(
                CODE,
                f"policy `{each.policy.name}` has the same name in another stack",
                found=f"`{owner.label}` and `{holder.label}`",
                accepted="a different name in each stack",
                see=(owner.location,),
            )


def _is_certain(*names: Text) -> bool:
    return all(name.is_single for name in names)
