"""Users, groups and roles of an assembly, with everything that hangs on them, wherever in its templates it is attached."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from keywright.assembly.document import Policy, policies_in, read_policy, written_policy
from keywright.assembly.existence import exists
from keywright.assembly.value import (
    ABSENT,
    Absent,
    Alternatives,
    Text,
    Unknown,
    Value,
    as_text,
    as_texts,
    readings,
    text,
    within,
)
from keywright.policy.truth import NO, YES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.source import Node, Step
    from keywright.assembly.template import Assembly, Resource

_PARTITION = "AWS::Partition"
_AWS_MANAGED = re.compile(r"(?:.*:)?:?iam::aws:policy/(.+)")


class IdentityKind(StrEnum):
    """What policies can be attached to."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"


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


@dataclass(frozen=True)
class Attachment:
    """A managed policy where it is attached, or set as a boundary; `policy` is its document, where the assembly has it.

    Not `is_sure`, here and below: the template's conditions may leave it out.
    """

    arn: Text
    holder: Resource
    path: tuple[Step, ...]
    policy: Policy | None = None
    is_sure: bool = True

    @property
    def aws_managed(self) -> str | None:
        """Give the name (with its path) of a policy that AWS manages, such as `job-function/ViewOnlyAccess`."""
        if self.policy is not None or not self.arn.suffix:
            return None
        found = _AWS_MANAGED.fullmatch(self.arn.suffix)
        return found[1] if found else None


@dataclass(frozen=True)
class Ownership:
    """An inline policy and the identity it belongs to, by name."""

    kind: IdentityKind
    owner: Text
    policy: Policy
    is_sure: bool = True

    @property
    def holder(self) -> Resource:
        """The resource that says so."""
        return self.policy.holder


@dataclass(frozen=True)
class Membership:
    """A user in a group, both by name, and the resource that says so."""

    user: Text
    group: Text
    holder: Resource
    path: tuple[Step, ...]
    is_sure: bool = True


@dataclass(frozen=True, eq=False)
class Identity:
    """One user, group or role.

    `attached`, `owned` and `memberships` hold what may be in force: under conditions of the template, all alternatives.
    `unknown` says which lists are known only at deployment.
    """

    kind: IdentityKind
    resource: Resource
    name: Text
    arn: Text
    trust: Policy | None = None
    owned: tuple[Ownership, ...] = ()
    attached: tuple[Attachment, ...] = ()
    boundaries: tuple[Attachment, ...] = ()
    memberships: tuple[Membership, ...] = ()
    instance_profiles: tuple[Resource, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    may_lack_boundary: bool = True

    @property
    def label(self) -> str:
        """Name it for people: its physical name where it is known, else its logical id."""
        return self.name.literal or self.resource.logical_id

    @property
    def inline(self) -> tuple[Policy, ...]:
        """Give its inline policies."""
        return tuple(each.policy for each in self.owned)

    @property
    def groups(self) -> tuple[Text, ...]:
        """Give the names of its groups."""
        return tuple(each.group for each in self.memberships)

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Give the documents of all policies that grant, inline and attached, as far as the assembly has them."""
        return (*self.inline, *(each.policy for each in self.attached if each.policy is not None))


@dataclass(frozen=True, eq=False)
class Identities:
    """All identities of an assembly, and what is declared for identities outside of it."""

    all: tuple[Identity, ...]
    memberships: tuple[Membership, ...]
    ownerships: tuple[Ownership, ...]
    managed: tuple[Policy, ...]
    _named: Mapping[tuple[str, IdentityKind, Text], Identity] = field(repr=False)

    @cached_property
    def users(self) -> tuple[Identity, ...]:
        """Give the users."""
        return tuple(each for each in self.all if each.kind is IdentityKind.USER)

    @cached_property
    def groups(self) -> tuple[Identity, ...]:
        """Give the groups."""
        return tuple(each for each in self.all if each.kind is IdentityKind.GROUP)

    @cached_property
    def roles(self) -> tuple[Identity, ...]:
        """Give the roles."""
        return tuple(each for each in self.all if each.kind is IdentityKind.ROLE)

    def named(self, kind: IdentityKind, name: Text, beside: Resource) -> Identity | None:
        """Find an identity by its name, in the account of another resource."""
        return self._named.get((beside.template.account, kind, name))

    def groups_of(self, user: Identity) -> tuple[Identity, ...]:
        """Give the groups of a user that the assembly declares."""
        return tuple(group for group, _ in self.groups_joined(user))

    def groups_joined(self, user: Identity) -> Iterator[tuple[Identity, bool]]:
        """Give the same groups, and whether the user is in them for sure."""
        for each in user.memberships:
            group = self.named(IdentityKind.GROUP, each.group, user.resource)
            if group is not None:
                yield group, each.is_sure

    def members_of(self, group: Identity) -> tuple[Identity, ...]:
        """Give the users of a group that the assembly declares."""
        return tuple(self._members.get(group, ()))

    @cached_property
    def _members(self) -> Mapping[Identity, list[Identity]]:
        found: dict[Identity, list[Identity]] = {}
        for user in self.users:
            for group in dict.fromkeys(self.groups_of(user)):
                found.setdefault(group, []).append(user)
        return found

    @property
    def policies(self) -> Iterator[Policy]:
        """Walk every identity-based policy, whether anything in the assembly bears it or not."""
        yield from (each.policy for each in self.ownerships)
        yield from self.managed


_GATHERED: WeakKeyDictionary[Assembly, Identities] = WeakKeyDictionary()


def identities(assembly: Assembly) -> Identities:
    """Give the identities of an assembly, gathered once."""
    if assembly not in _GATHERED:
        _GATHERED[assembly] = _gathered(assembly)
    return _GATHERED[assembly]


def _gathered(assembly: Assembly) -> Identities:
    resources = assembly.of_type(*TYPES)
    managed = {
        (resource.template.account, _in_any_partition(_arn(resource))): policy
        for resource in assembly.of_type("AWS::IAM::ManagedPolicy")
        for policy in [_named_policy(resource, "PolicyDocument", "ManagedPolicyName")]
    }
    ownerships = tuple(_ownerships(assembly))
    memberships = tuple(_memberships(assembly))
    found = _Found(assembly, managed, ownerships, memberships)
    every = tuple(found.identity(resource) for resource in resources)
    named = {(each.resource.template.account, each.kind, each.name): each for each in every}
    return Identities(every, memberships, ownerships, tuple(managed.values()), named)


def _in_any_partition(arn: Text) -> Text:
    """Take the partition that only the deployment knows for the commercial one, which people write out."""
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
    return written_policy(
        resource.name if isinstance(value, Absent) else as_text(value),
        resource,
        ("Properties", document),
        properties.get(document) if isinstance(properties, dict) else None,
    )


def _ownerships(assembly: Assembly) -> Iterator[Ownership]:
    for resource in assembly.of_type(*TYPES):
        for policy, is_sure in _inline(resource):
            yield Ownership(TYPES[resource.type], resource.name, policy, is_sure)
    for resource in assembly.of_type("AWS::IAM::Policy"):
        policy = _named_policy(resource, "PolicyDocument", "PolicyName")
        for kind, name in _LISTS.items():
            for owner, is_sure in _listed(resource, name):
                yield Ownership(kind, owner, policy, is_sure)
    for resource in assembly.of_type(*_SINGLE):
        kind, name = _SINGLE[resource.type]
        policy = _named_policy(resource, "PolicyDocument", "PolicyName")
        for owner, is_sure in _listed(resource, name):
            yield Ownership(kind, owner, policy, is_sure)


def _inline(resource: Resource) -> Iterator[tuple[Policy, bool]]:
    """Read `Policies`; a policy that comes out in several ways is one with several documents.

    It is sure when the list holds it however it comes out.
    """
    written = _written_out(resource)
    if written:
        for index, (literal, node) in enumerate(written.items()):
            at: tuple[Step, ...] = ("Properties", "Policies", index, "PolicyDocument")
            yield written_policy(Text((literal,)), resource, at, node), True
        return
    several = [dict(_numbered(value)) for value in resource.readings("Policies")]
    for name in dict.fromkeys(name for items in several for name in items):
        places = [items[name] for items in several if name in items]
        documents: list[Value] = []
        for _, item in places:
            document = within(item, "PolicyDocument")
            documents += [] if document in documents else [document]
        path: tuple[Step, ...] = ("Properties", "Policies", places[0][0], "PolicyDocument")
        value = documents[0] if len(documents) == 1 else Alternatives(tuple(documents))
        yield read_policy(name[0], resource, path, value), len(places) == len(several)


def _written_out(resource: Resource) -> dict[str, Node]:
    """Give the documents of `Policies` by name, where the template says how many there are and how they are named."""
    properties = resource.raw.get("Properties")
    items = properties.get("Policies") if isinstance(properties, dict) else None
    if not isinstance(items, list) or "Condition" in resource.raw:
        return {}
    named: dict[str, Node] = {}
    for each in items:
        if not isinstance(each, dict) or each.keys() != _OF_POLICY:
            return {}
        name, document = each["PolicyName"], each["PolicyDocument"]
        if not isinstance(name, str) or not name or "{{resolve:" in name or name in named:
            return {}
        if not isinstance(document, dict) or "Statement" not in document:
            return {}
        named[name] = document
    return named


def _numbered(value: Value) -> Iterator[tuple[tuple[Text, int], tuple[int, Value]]]:
    """Give the items of a list of policies by name, and by number where several are named alike."""
    times: Counter[Text] = Counter()
    for index, item in enumerate(value if isinstance(value, tuple) else (value,)):
        if not isinstance(item, Absent):
            name = as_text(within(item, "PolicyName"))
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
    """Give the texts of a list in all its readings, each once, and whether it is in all of them."""
    if name not in resource.properties:
        return
    several = [as_texts(each) for each in readings(resource.properties[name])]
    for each in dict.fromkeys(item for texts in several for item in texts):
        yield each, all(each in texts for texts in several)


def _texts(resource: Resource, name: str) -> tuple[Text, ...]:
    """Give the texts of a list in all its readings, each once."""
    value = resource.properties.get(name, ABSENT)
    return tuple(dict.fromkeys(each for reading in readings(value) for each in as_texts(reading)))


class _Found:
    """What hangs on identities, by the name of who bears it."""

    def __init__(
        self,
        assembly: Assembly,
        managed: Mapping[tuple[str, Text], Policy],
        ownerships: tuple[Ownership, ...],
        memberships: tuple[Membership, ...],
    ) -> None:
        self._managed = managed
        self._owned: dict[tuple[str, IdentityKind, Text], list[Ownership]] = {}
        self._memberships: dict[tuple[str, Text], list[Membership]] = {}
        self._attached: dict[tuple[str, IdentityKind, Text], list[Attachment]] = {}
        self._profiles: dict[tuple[str, Text], list[Resource]] = {}
        for owned in ownerships:
            account = owned.policy.holder.template.account
            self._owned.setdefault((account, owned.kind, owned.owner), []).append(owned)
        for membership in memberships:
            account = membership.holder.template.account
            self._memberships.setdefault((account, membership.user), []).append(membership)
        for resource in assembly.of_type("AWS::IAM::ManagedPolicy"):
            self._attach(resource)
        for resource in assembly.of_type("AWS::IAM::InstanceProfile"):
            for role in _texts(resource, "Roles"):
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
            owned=tuple(_there(self._owned.get((account, kind, name), ()), resource)),
            attached=(
                *self._attachments(resource, "ManagedPolicyArns"),
                *_there(self._attached.get((account, kind, name), ()), resource),
            ),
            boundaries=self._attachments(resource, "PermissionsBoundary"),
            memberships=tuple(_there(self._memberships.get((account, name), ()), resource))
            if kind is IdentityKind.USER
            else (),
            instance_profiles=tuple(self._profiles.get((account, name), ())),
            unknown=tuple(_unknown_lists(resource)),
            may_lack_boundary=any(isinstance(each, Absent) for each in readings(boundary)),
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


Hanging = TypeVar("Hanging", Attachment, Membership, Ownership)


def _there(several: Iterable[Hanging], beside: Resource) -> Iterator[Hanging]:
    """Leave out what is never deployed beside a resource, and say what may not be."""
    for each in several:
        is_there = YES if each.holder is beside else exists(each.holder, beside)
        if is_there is not NO:
            yield each if is_there is YES else replace(each, is_sure=False)


def _unknown_lists(resource: Resource) -> Iterator[Unknown]:
    for name in ("ManagedPolicyArns", "Policies", "Groups"):
        if name not in resource.properties or (name == "Policies" and _written_out(resource)):
            continue
        for value in resource.readings(name):
            if isinstance(value, Unknown):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, Unknown))
