"""Find an assembly's users, groups and roles, with the policies and memberships attached to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from keywright.assembly.identities.identity import (
    Attachment,
    Identities,
    Identity,
    IdentityKind,
    InlinePolicy,
    Membership,
)
from keywright.assembly.templates.conditions import exists
from keywright.assembly.templates.policy_documents import Policy, policies_in, policy_at, read_policy
from keywright.assembly.templates.value import (
    ABSENT,
    Absent,
    Alternatives,
    Text,
    Unknown,
    Value,
    as_text,
    as_texts,
    literal_text,
    possible_values,
    text,
    value_at,
)
from keywright.policy.matching.context import NO, YES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.sources.source import Node, Step
    from keywright.assembly.templates.template import Assembly, Resource

__all__ = [
    "TYPES",
    "Attachment",
    "Identities",
    "Identity",
    "IdentityKind",
    "InlinePolicy",
    "Membership",
    "identities",
]

_PARTITION = "AWS::Partition"
TYPES = {
    "AWS::IAM::User": IdentityKind.USER,
    "AWS::IAM::Group": IdentityKind.GROUP,
    "AWS::IAM::Role": IdentityKind.ROLE,
}
_OF_POLICY = {"PolicyName", "PolicyDocument"}
_LISTS = {IdentityKind.USER: "Users", IdentityKind.GROUP: "Groups", IdentityKind.ROLE: "Roles"}
_SINGLE = {
    "AWS::IAM::UserPolicy": (IdentityKind.USER, "UserName"),
    "AWS::IAM::GroupPolicy": (IdentityKind.GROUP, "GroupName"),
    "AWS::IAM::RolePolicy": (IdentityKind.ROLE, "RoleName"),
}

_GATHERED: WeakKeyDictionary[Assembly, Identities] = WeakKeyDictionary()


def identities(assembly: Assembly) -> Identities:
    """Give the identities of an assembly; found once per assembly."""
    if assembly not in _GATHERED:
        _GATHERED[assembly] = _gathered(assembly)
    return _GATHERED[assembly]


def _gathered(assembly: Assembly) -> Identities:
    resources = assembly.of_type(*TYPES)
    managed = {
        # With the account, because assemblies of several accounts are read as one and share names.
        (resource.template.account, _in_any_partition(_arn(resource))): policy
        for resource in assembly.of_type("AWS::IAM::ManagedPolicy")
        for policy in [_named_policy(resource, "PolicyDocument", "ManagedPolicyName")]
    }
    inline_policies = tuple(_inline_policies(assembly))
    memberships = tuple(_memberships(assembly))
    found = _AttachmentIndex(assembly, managed, inline_policies, memberships)
    every = tuple(found.identity(resource) for resource in resources)
    named = {(each.resource.template.account, each.kind, each.name): each for each in every}
    return Identities(every, memberships, inline_policies, tuple(managed.values()), named)


def _in_any_partition(arn: Text) -> Text:
    """Replace an unknown partition by `aws`, which templates usually write as a literal."""
    if len(arn.parts) == 1 and isinstance(arn.parts[0], str):
        return arn
    parts = (
        "aws" if isinstance(each, Unknown) and each.reference == _PARTITION else each for each in arn.parts
    )
    return text(*parts)


def _arn(resource: Resource) -> Text:
    assert resource.arn is not None
    return resource.arn


def _named_policy(resource: Resource, document: str, name: str) -> Policy:
    value = resource.properties.get(name, ABSENT)
    properties = resource.raw.get("Properties")
    return policy_at(
        resource.name if isinstance(value, Absent) else as_text(value),
        resource,
        ("Properties", document),
        properties.get(document) if isinstance(properties, dict) else None,
    )


def _inline_policies(assembly: Assembly) -> Iterator[InlinePolicy]:
    for resource in assembly.of_type(*TYPES):
        for policy, is_sure in _inline(resource):
            yield InlinePolicy(TYPES[resource.type], resource.name, policy, is_sure)
    for resource in assembly.of_type("AWS::IAM::Policy"):
        policy = _named_policy(resource, "PolicyDocument", "PolicyName")
        for kind, name in _LISTS.items():
            for owner, is_sure in _listed(resource, name):
                yield InlinePolicy(kind, owner, policy, is_sure)
    for resource in assembly.of_type(*_SINGLE):
        kind, name = _SINGLE[resource.type]
        policy = _named_policy(resource, "PolicyDocument", "PolicyName")
        for owner, is_sure in _listed(resource, name):
            yield InlinePolicy(kind, owner, policy, is_sure)


def _inline(resource: Resource) -> Iterator[tuple[Policy, bool]]:
    """Read `Policies`; a policy with several possible values becomes one policy with several documents.

    It is sure when every possible value of the list has it.
    """
    if "Policies" not in resource.properties:
        return
    # The usual form is read without resolving the whole list, which takes time for thousands of identities.
    written = _written_documents(resource)
    if written:
        for index, (literal, node) in enumerate(written.items()):
            at: tuple[Step, ...] = ("Properties", "Policies", index, "PolicyDocument")
            yield policy_at(Text((literal,)), resource, at, node), True
        return
    several = [dict(_numbered(value)) for value in resource.possible_values("Policies")]
    for name in dict.fromkeys(name for items in several for name in items):
        places = [items[name] for items in several if name in items]
        documents: list[Value] = []
        for _, item in places:
            document = value_at(item, "PolicyDocument")
            documents += [] if document in documents else [document]
        path: tuple[Step, ...] = ("Properties", "Policies", places[0][0], "PolicyDocument")
        value = documents[0] if len(documents) == 1 else Alternatives(tuple(documents))
        yield read_policy(name[0], resource, path, value), len(places) == len(several)


def _written_documents(resource: Resource) -> dict[str, Node]:
    """Give the documents of `Policies` by name, if the template states their number and names."""
    properties = resource.raw.get("Properties")
    items = properties.get("Policies") if isinstance(properties, dict) else None
    # A conditional resource is resolved under its condition, which the written text does not show.
    if not isinstance(items, list) or "Condition" in resource.raw:
        return {}
    named: dict[str, Node] = {}
    for each in items:
        if not isinstance(each, dict) or each.keys() != _OF_POLICY:
            return {}
        name, document = each["PolicyName"], each["PolicyDocument"]
        if not isinstance(name, str) or not name or literal_text(name).literal is None or name in named:
            return {}
        if not isinstance(document, dict) or "Statement" not in document:
            return {}
        named[name] = document
    return named


def _numbered(value: Value) -> Iterator[tuple[tuple[Text, int], tuple[int, Value]]]:
    """Give the items of a list of policies by name, numbered where several have the same name."""
    times: Counter[Text] = Counter()
    for index, item in enumerate(value if isinstance(value, tuple) else (value,)):
        if not isinstance(item, Absent):
            name = as_text(value_at(item, "PolicyName"))
            times[name] += 1
            yield (name, times[name]), (index, item)


def _memberships(assembly: Assembly) -> Iterator[Membership]:
    for resource in assembly.of_type("AWS::IAM::User"):
        for index, (group, is_sure) in enumerate(_listed(resource, "Groups")):
            yield Membership(resource.name, group, resource, ("Properties", "Groups", index), is_sure)
    for resource in assembly.of_type("AWS::IAM::UserToGroupAddition"):
        for group, is_sure in _listed(resource, "GroupName"):
            for index, (user, is_in) in enumerate(_listed(resource, "Users")):
                path: tuple[Step, ...] = ("Properties", "Users", index)
                yield Membership(user, group, resource, path, is_sure and is_in)


def _listed(resource: Resource, name: str) -> Iterator[tuple[Text, bool]]:
    """Give the texts of a list from all of its possible values, each once, and whether all values have it."""
    if name not in resource.properties:
        return
    several = [as_texts(each) for each in possible_values(resource.properties[name])]
    if len(several) == 1:
        yield from ((each, True) for each in dict.fromkeys(several[0]))
        return
    for each in dict.fromkeys(item for texts in several for item in texts):
        yield each, all(each in texts for texts in several)


class _AttachmentIndex:
    """What is attached to identities, by the identity's name."""

    def __init__(
        self,
        assembly: Assembly,
        managed: Mapping[tuple[str, Text], Policy],
        inline_policies: tuple[InlinePolicy, ...],
        memberships: tuple[Membership, ...],
    ) -> None:
        self._managed = managed
        self._owned: dict[tuple[str, IdentityKind, Text], list[InlinePolicy]] = {}
        self._memberships: dict[tuple[str, Text], list[Membership]] = {}
        self._attached: dict[tuple[str, IdentityKind, Text], list[Attachment]] = {}
        self._profiles: dict[tuple[str, Text], list[Resource]] = {}
        for owned in inline_policies:
            account = owned.policy.holder.template.account
            self._owned.setdefault((account, owned.kind, owned.owner), []).append(owned)
        for membership in memberships:
            account = membership.holder.template.account
            self._memberships.setdefault((account, membership.user), []).append(membership)
        for resource in assembly.of_type("AWS::IAM::ManagedPolicy"):
            self._attach(resource)
        for resource in assembly.of_type("AWS::IAM::InstanceProfile"):
            for role in resource.texts("Roles"):
                self._profiles.setdefault((resource.template.account, role), []).append(resource)

    def _attach(self, resource: Resource) -> None:
        account, arn = resource.template.account, _arn(resource)
        policy = self._managed.get((account, _in_any_partition(arn)))
        for kind, name in _LISTS.items():
            for owner, is_sure in _listed(resource, name):
                attachment = Attachment(arn, resource, ("Properties", name), policy, is_sure)
                self._attached.setdefault((account, kind, owner), []).append(attachment)

    def identity(self, resource: Resource) -> Identity:
        kind, name, account = TYPES[resource.type], resource.name, resource.template.account
        trust = policies_in(resource, "AssumeRolePolicyDocument") if kind is IdentityKind.ROLE else ()
        boundary = resource.properties.get("PermissionsBoundary", ABSENT)
        return Identity(
            kind=kind,
            resource=resource,
            name=name,
            arn=_arn(resource),
            trust=trust[0] if trust else None,
            inline_policies=tuple(_deployed_beside(self._owned.get((account, kind, name), ()), resource)),
            attached=(
                *self._attachments(resource, "ManagedPolicyArns"),
                *_deployed_beside(self._attached.get((account, kind, name), ()), resource),
            ),
            boundaries=self._attachments(resource, "PermissionsBoundary"),
            memberships=tuple(_deployed_beside(self._memberships.get((account, name), ()), resource))
            if kind is IdentityKind.USER
            else (),
            instance_profiles=tuple(self._profiles.get((account, name), ())),
            unknown=tuple(_unknown_lists(resource)),
            may_lack_boundary=any(isinstance(each, Absent) for each in possible_values(boundary)),
        )

    def _attachments(self, resource: Resource, name: str) -> tuple[Attachment, ...]:
        account = resource.template.account
        return tuple(
            Attachment(
                arn,
                resource,
                ("Properties", name, index),
                self._managed.get((account, _in_any_partition(arn))),
                is_sure,
            )
            for index, (arn, is_sure) in enumerate(_listed(resource, name))
        )


AttachedItem = TypeVar("AttachedItem", Attachment, Membership, InlinePolicy)


def _deployed_beside(several: Iterable[AttachedItem], beside: Resource) -> Iterator[AttachedItem]:
    """Leave out what is never deployed together with a resource, and mark what might not be."""
    for each in several:
        is_there = YES if each.holder is beside else exists(each.holder, beside)
        if is_there is not NO:
            yield each if is_there is YES else replace(each, is_sure=False)


def _unknown_lists(resource: Resource) -> Iterator[Unknown]:
    for name in ("ManagedPolicyArns", "Policies", "Groups"):
        if name not in resource.properties or (name == "Policies" and _written_documents(resource)):
            continue
        for value in resource.possible_values(name):
            if isinstance(value, Unknown):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, Unknown))
