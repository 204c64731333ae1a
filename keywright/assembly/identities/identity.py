"""The types of users, groups and roles with the policies and memberships attached to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.sources.source import Step
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Text, Unknown

_AWS_MANAGED = re.compile(r"(?:.*:)?:?iam::aws:policy/(.+)")


class IdentityKind(StrEnum):
    """What policies can be attached to."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"


@dataclass(frozen=True)
class Attachment:
    """A managed policy where it is attached or set as a boundary; `policy` is its document, if the assembly has it.

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
class InlinePolicy:
    """An inline policy and the identity it belongs to, by name."""

    kind: IdentityKind
    owner: Text
    policy: Policy
    is_sure: bool = True

    @property
    def holder(self) -> Resource:
        """The resource that declares it."""
        return self.policy.holder


@dataclass(frozen=True)
class Membership:
    """A user in a group, both by name, and the resource that declares it."""

    user: Text
    group: Text
    holder: Resource
    path: tuple[Step, ...]
    is_sure: bool = True


@dataclass(frozen=True, eq=False)
class Identity:
    """One user, group or role.

    `attached`, `inline_policies` and `memberships` include everything that may be in force, under whatever template
    conditions. `unknown` lists what is known only at deployment.
    """

    kind: IdentityKind
    resource: Resource
    name: Text
    arn: Text
    trust: Policy | None = None
    inline_policies: tuple[InlinePolicy, ...] = ()
    attached: tuple[Attachment, ...] = ()
    boundaries: tuple[Attachment, ...] = ()
    memberships: tuple[Membership, ...] = ()
    instance_profiles: tuple[Resource, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    may_lack_boundary: bool = True

    @property
    def label(self) -> str:
        """Give a name for display: its physical name if known, else its logical id."""
        return self.name.literal or self.resource.logical_id

    @property
    def inline(self) -> tuple[Policy, ...]:
        """Give its inline policies."""
        return tuple(each.policy for each in self.inline_policies)

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
    """All identities of an assembly, and what it attaches to identities outside of it."""

    all: tuple[Identity, ...]
    memberships: tuple[Membership, ...]
    inline_policies: tuple[InlinePolicy, ...]
    managed: tuple[Policy, ...]
    _named: Mapping[tuple[str, IdentityKind, Text], Identity] = field(repr=False)
    _joined: dict[Identity, tuple[tuple[Identity, bool], ...]] = field(
        default_factory=dict, init=False, repr=False
    )

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

    def groups_joined(self, user: Identity) -> tuple[tuple[Identity, bool], ...]:
        """Give the same groups, and whether the user is certainly in them; cached."""
        found = self._joined.get(user)
        if found is None:
            found = self._joined[user] = tuple(self._joining(user))
        return found

    def _joining(self, user: Identity) -> Iterator[tuple[Identity, bool]]:
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
        """Iterate over every identity-based policy, attached or not."""
        yield from (each.policy for each in self.inline_policies)
        yield from self.managed
