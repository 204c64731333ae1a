"""Users, groups and roles of an assembly, with everything that hangs on them, wherever in its templates it is attached."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.document import Policy, policies_in, read_policy
from keywright.assembly.physical import PHYSICAL
from keywright.assembly.resolve import Evaluation
from keywright.assembly.value import ABSENT, Absent, Text, Unknown, Value, as_text, as_texts, readings, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.source import Step
    from keywright.assembly.template import Assembly, Resource

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
_LISTS = {IdentityKind.USER: "Users", IdentityKind.GROUP: "Groups", IdentityKind.ROLE: "Roles"}
_SINGLE = {
    "AWS::IAM::UserPolicy": (IdentityKind.USER, "UserName"),
    "AWS::IAM::GroupPolicy": (IdentityKind.GROUP, "GroupName"),
    "AWS::IAM::RolePolicy": (IdentityKind.ROLE, "RoleName"),
}


@dataclass(frozen=True)
class Attachment:
    """A managed policy where it is attached, or set as a boundary; `policy` is its document, where the assembly has it."""

    arn: Text
    holder: Resource
    path: tuple[Step, ...]
    policy: Policy | None = None

    @property
    def aws_managed(self) -> str | None:
        """Give the name (with its path) of a policy that AWS manages, such as `job-function/ViewOnlyAccess`."""
        if self.policy is not None or not self.arn.suffix:
            return None
        found = _AWS_MANAGED.fullmatch(self.arn.suffix)
        return found[1] if found else None


@dataclass(frozen=True)
class Ownership:
    """An inline policy and the identity it belongs to, by name; `policy.holder` is the resource that says so."""

    kind: IdentityKind
    owner: Text
    policy: Policy


@dataclass(frozen=True)
class Membership:
    """A user in a group, both by name, and the resource that says so."""

    user: Text
    group: Text
    holder: Resource
    path: tuple[Step, ...]


@dataclass(frozen=True, eq=False)
class Identity:
    """One user, group or role.

    `attached` and `inline` hold what may be in force: under conditions of the template, all alternatives. `unknown`
    says which lists are known only at deployment.
    """

    kind: IdentityKind
    resource: Resource
    name: Text
    arn: Text
    trust: Policy | None = None
    inline: tuple[Policy, ...] = ()
    attached: tuple[Attachment, ...] = ()
    boundaries: tuple[Attachment, ...] = ()
    groups: tuple[Text, ...] = ()
    instance_profiles: tuple[Resource, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    may_lack_boundary: bool = True

    @property
    def label(self) -> str:
        """Name it for people: its physical name where it is known, else its logical id."""
        return self.name.literal or self.resource.logical_id

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
        found = (self.named(IdentityKind.GROUP, name, user.resource) for name in user.groups)
        return tuple(each for each in found if each is not None)

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


def identities(assembly: Assembly) -> Identities:
    """Gather the identities of an assembly."""
    resources = assembly.of_type(*TYPES)
    managed = {
        (resource.template.account, _arn(resource)): policy
        for resource in assembly.of_type("AWS::IAM::ManagedPolicy")
        for policy in [_named_policy(resource, "PolicyDocument", "ManagedPolicyName")]
    }
    ownerships = tuple(_ownerships(assembly))
    memberships = tuple(_memberships(assembly))
    found = _Found(assembly, managed, ownerships, memberships)
    every = tuple(found.identity(resource) for resource in resources)
    named = {(each.resource.template.account, each.kind, each.name): each for each in every}
    return Identities(every, memberships, ownerships, tuple(managed.values()), named)


def _name(resource: Resource) -> Text:
    return Evaluation({}).name(resource)


def _arn(resource: Resource) -> Text:
    return Evaluation({}).arn(resource, PHYSICAL[resource.type])


def _named_policy(resource: Resource, document: str, name: str) -> Policy:
    value = resource.properties.get(name, ABSENT)
    return read_policy(
        _name(resource) if isinstance(value, Absent) else as_text(value),
        resource,
        ("Properties", document),
        resource.properties.get(document, ABSENT),
    )


def _ownerships(assembly: Assembly) -> Iterator[Ownership]:
    for resource in assembly.of_type(*TYPES):
        for policy in _inline(resource):
            yield Ownership(TYPES[resource.type], _name(resource), policy)
    for resource in assembly.of_type("AWS::IAM::Policy"):
        policy = _named_policy(resource, "PolicyDocument", "PolicyName")
        for kind, name in _LISTS.items():
            for owner in _texts(resource, name):
                yield Ownership(kind, owner, policy)
    for resource in assembly.of_type(*_SINGLE):
        kind, name = _SINGLE[resource.type]
        policy = _named_policy(resource, "PolicyDocument", "PolicyName")
        for owner in _texts(resource, name):
            yield Ownership(kind, owner, policy)


def _inline(resource: Resource) -> Iterator[Policy]:
    """Read `Policies`; a policy that stands in several readings of the list is given once a reading, if it differs."""
    found: list[tuple[int, Value]] = []
    for value in resource.readings("Policies"):
        for index, item in enumerate(value if isinstance(value, tuple) else (value,)):
            if not isinstance(item, Absent) and (index, item) not in found:
                found.append((index, item))
    for index, item in found:
        document: Value = within(item, "PolicyDocument")
        path: tuple[Step, ...] = ("Properties", "Policies", index, "PolicyDocument")
        yield read_policy(as_text(within(item, "PolicyName")), resource, path, document)


def _memberships(assembly: Assembly) -> Iterator[Membership]:
    for resource in assembly.of_type("AWS::IAM::User"):
        for index, group in enumerate(_texts(resource, "Groups")):
            yield Membership(_name(resource), group, resource, ("Properties", "Groups", index))
    for resource in assembly.of_type("AWS::IAM::UserToGroupAddition"):
        for group in _texts(resource, "GroupName"):
            for index, user in enumerate(_texts(resource, "Users")):
                yield Membership(user, group, resource, ("Properties", "Users", index))


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
        self._inline: dict[tuple[str, IdentityKind, Text], list[Policy]] = {}
        self._groups: dict[tuple[str, Text], list[Text]] = {}
        self._attached: dict[tuple[str, IdentityKind, Text], list[Attachment]] = {}
        self._profiles: dict[tuple[str, Text], list[Resource]] = {}
        for owned in ownerships:
            account = owned.policy.holder.template.account
            self._inline.setdefault((account, owned.kind, owned.owner), []).append(owned.policy)
        for membership in memberships:
            account = membership.holder.template.account
            self._groups.setdefault((account, membership.user), []).append(membership.group)
        for resource in assembly.of_type("AWS::IAM::ManagedPolicy"):
            self._attach(resource)
        for resource in assembly.of_type("AWS::IAM::InstanceProfile"):
            for role in _texts(resource, "Roles"):
                self._profiles.setdefault((resource.template.account, role), []).append(resource)

    def _attach(self, resource: Resource) -> None:
        account, arn = resource.template.account, _arn(resource)
        policy = self._managed.get((account, arn))
        for kind, name in _LISTS.items():
            for owner in _texts(resource, name):
                attachment = Attachment(arn, resource, ("Properties", name), policy)
                self._attached.setdefault((account, kind, owner), []).append(attachment)

    def identity(self, resource: Resource) -> Identity:
        kind, name, account = TYPES[resource.type], _name(resource), resource.template.account
        trust = policies_in(resource, "AssumeRolePolicyDocument") if kind is IdentityKind.ROLE else ()
        boundary = resource.properties.get("PermissionsBoundary", ABSENT)
        return Identity(
            kind=kind,
            resource=resource,
            name=name,
            arn=_arn(resource),
            trust=trust[0] if trust else None,
            inline=tuple(self._inline.get((account, kind, name), ())),
            attached=(
                *self._attachments(resource, "ManagedPolicyArns"),
                *self._attached.get((account, kind, name), ()),
            ),
            boundaries=self._attachments(resource, "PermissionsBoundary"),
            groups=tuple(self._groups.get((account, name), ())) if kind is IdentityKind.USER else (),
            instance_profiles=tuple(self._profiles.get((account, name), ())),
            unknown=tuple(_unknown_lists(resource)),
            may_lack_boundary=any(isinstance(each, Absent) for each in readings(boundary)),
        )

    def _attachments(self, resource: Resource, name: str) -> tuple[Attachment, ...]:
        account = resource.template.account
        return tuple(
            Attachment(arn, resource, ("Properties", name, index), self._managed.get((account, arn)))
            for index, arn in enumerate(_texts(resource, name))
        )


def _unknown_lists(resource: Resource) -> Iterator[Unknown]:
    for name in ("ManagedPolicyArns", "Policies", "Groups"):
        for value in resource.readings(name):
            if isinstance(value, Unknown):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, Unknown))
