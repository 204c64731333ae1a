"""LIF002: a membership and an inline policy each have one owner.

What it checks
    No two resources of the assembly put the same user into the same group, or put an inline policy of the same name on
    the same identity.

Why it matters
    CloudFormation deletes what a resource made when that resource goes: with two owners the access that the other one
    still declares goes too, at an update or a rollback, and a Deny may go the same way.

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
    Owners in other assemblies, and names that only the deployment knows.

See
    CloudFormation template reference, AWS::IAM::Policy and AWS::IAM::UserToGroupAddition.
"""

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING

from keywright.assembly.identities import Identities
from keywright.assembly.value import Text
from keywright.finding import Finding, Severity
from keywright.guardrails.place import Place

if TYPE_CHECKING:
    from keywright.assembly.template import Resource

CODE = "LIF002"
TITLE = "a membership and an inline policy each have one owner"
SEVERITY = Severity.ERROR

ACCEPTED = "`Groups` and `Policies` of the identity itself"


def check(found: Identities) -> Iterator[Finding]:
    """Refuse the second and every further owner."""
    yield from _memberships(found)
    yield from _policies(found)


def _memberships(found: Identities) -> Iterator[Finding]:
    first: dict[Hashable, Resource] = {}
    for each in found.memberships:
        key = (each.holder.template.account, each.user, each.group)
        owner = first.setdefault(key, each.holder)
        if owner is not each.holder and _is_certain(each.user, each.group):
            yield Place(each.holder, each.path).fault(
                CODE,
                f"user `{each.user}` is put into group `{each.group}` by two resources",
                found=f"`{owner.label}` and `{each.holder.label}`",
                accepted=ACCEPTED,
                see=(owner.location,),
            )


def _policies(found: Identities) -> Iterator[Finding]:
    first: dict[Hashable, Resource] = {}
    for each in found.ownerships:
        holder = each.policy.holder
        key = (holder.template.account, each.kind, each.owner, each.policy.name)
        owner = first.setdefault(key, holder)
        if owner is not holder and _is_certain(each.owner, each.policy.name):
            yield Place(holder).fault(
                CODE,
                f"policy `{each.policy.name}` of {each.kind} `{each.owner}` is made by two resources",
                found=f"`{owner.label}` and `{holder.label}`",
                accepted=ACCEPTED,
                see=(owner.location,),
            )


def _is_certain(*names: Text) -> bool:
    return all(name.is_single for name in names)
