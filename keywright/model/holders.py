"""Everything that holds access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.managed_policy import ManagedPolicyGrant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.delegation import Delegation
    from keywright.model.draft import Draft
    from keywright.model.grant import Grant
    from keywright.model.group import Group
    from keywright.model.own_policy import OwnPolicy
    from keywright.model.permission_set import PermissionSet
    from keywright.model.role import Role
    from keywright.model.subject import Path
    from keywright.model.user import User
    from keywright.model.workload import Workload

    Holder = Group | User | Role | Workload | Delegation | PermissionSet

SECTIONS = ("groups", "users", "roles", "workloads", "delegations", "permission_sets")
GRANTING = (*SECTIONS, "policies")
"""The sections of everything with grants: who holds them, and what is attached to several."""


def holders(draft: Draft) -> Iterator[tuple[Path, Holder]]:
    """Give every group, user, role, workload, delegation and permission set with its path."""
    for section in SECTIONS:
        for name, holder in getattr(draft, section).items():
            yield (section, name), holder


def granting(draft: Draft) -> Iterator[tuple[Path, Holder | OwnPolicy]]:
    """Give everything that has grants with its path: who holds access, and the policies that several share."""
    yield from holders(draft)
    for name, policy in draft.policies.items():
        yield ("policies", name), policy


def attached(path: Path, holder: Holder) -> Iterator[tuple[Path, ManagedPolicyGrant]]:
    """Give the managed policies that somebody takes, one that caps a permission set last, each with its path."""
    for index, policy in enumerate(holder.policies):
        yield (*path, "policies", index, "managed"), policy
    boundary = getattr(holder, "boundary", None)
    if isinstance(boundary, ManagedPolicyGrant):
        yield (*path, "boundary", "managed"), boundary


def grants_of(draft: Draft, path: Path, holder: Holder) -> Iterator[tuple[Path, Grant]]:
    """Give what somebody is granted, by itself or by policies of ours, each with the path of the grant."""
    for index, grant in enumerate(holder.grants):
        yield (*path, "grants", index), grant
    for policy in holder.policies:
        own = draft.policies.get(policy.own) if policy.own else None
        for index, grant in enumerate(own.grants if own else ()):
            yield ("policies", policy.own or "", "grants", index), grant
