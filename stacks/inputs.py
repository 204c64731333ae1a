"""What every stack knows: the declarations in force, and the literal names that tie stacks together.

Stacks refer to one another by literal ARNs and an explicit order, never by exports: an export in use can't be
removed, so that a bucket and the grants on it could not go in one edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from access_constructs.identity_keeper import IdentityKeeper
from access_constructs.policies.boundary import Boundary
from access_constructs.policies.delegation import Delegation
from access_constructs.policies.shared_policy import AccessPolicy
from access_constructs.storage.access_point import access_point_arn
from access_constructs.storage.bucket import account_regional_name
from keywright.model.people.access_keys import applications_with_keys, makes_own_keys, readers_said
from keywright.model.stacks.kinds import SECTIONS
from keywright.model.stacks.shards import stack_patterns
from keywright.policy.matching.arn import partition_of
from keywright.statements.boundary import BOUNDARY_POLICY, WIDE_BOUNDARY_POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from keywright.model.account.settings import Account
    from keywright.model.action_lock import ActionLock
    from keywright.model.declarations import Declarations
    from keywright.model.grants.grant import ManagedPolicyGrant
    from keywright.model.identity_center import PermissionSet
    from keywright.model.people.users import User
    from keywright.model.roles import Role
    from keywright.model.stacks.kinds import Kind
    from keywright.model.workloads import Workload


@dataclass(frozen=True)
class StackInputs:
    """The declarations in force today, the folder they were read from, and whether the sandbox is meant.

    With a lock grants by access level give what is pinned in it; without one, as where the declarations are written in
    Python, what today's catalogue has.
    """

    declarations: Declarations
    folder: Path
    sandbox: bool = False
    lock: ActionLock | None = None

    @property
    def account(self) -> Account:
        """The account that everything is pinned to."""
        return self.declarations.account

    def stacks(self) -> list[str]:
        """Name the stacks, those with a number by a pattern."""
        return stack_patterns(self.declarations)

    def named_in(self, kind: Kind, number: int) -> Sequence[str]:
        """Name the declared things of a kind whose place is the stack of that number, in the order of the declarations."""
        return self._named[kind].get(number, ())

    @cached_property
    def _named(self) -> Mapping[Kind, Mapping[int, Sequence[str]]]:
        """Find each thing's place once: every stack asks for its own."""
        found: dict[Kind, dict[int, list[str]]] = {kind: {} for kind in SECTIONS}
        for kind, section in SECTIONS.items():
            for name in getattr(self.declarations, section):
                found[kind].setdefault(self.declarations.shards.number(kind, name), []).append(name)
        return found

    def is_assigned_here(self, permission_set: str) -> bool:
        """Tell whether a permission set is assigned in this account, or nowhere yet."""
        mine = [each for each in self.declarations.assignments if each.permission_set == permission_set]
        return not mine or any(self.account.id in (each.accounts or (self.account.id,)) for each in mine)

    @property
    def partition(self) -> str:
        """The partition of the declared region."""
        return partition_of(self.account.region)

    def boundary_of(self, holder: User | Role | Workload | PermissionSet) -> str:
        """Give the boundary of a user, role, workload or permission set.

        A managed policy reaches services that its name does not tell: who holds one is fenced in without a list of
        services.
        """
        name = (
            WIDE_BOUNDARY_POLICY
            if any(map(self._reaches_more, holder.policies)) or self._groups_reach_more(holder)
            else BOUNDARY_POLICY
        )
        return Boundary.arn_in(self.partition, self.account.id, self.account.path, name)

    def _reaches_more(self, policy: ManagedPolicyGrant) -> bool:
        """Tell whether a policy reaches services that no declaration names: only those of ours say what they give."""
        return policy.own is None or self.declarations.policies[policy.own].existing is not None

    def _groups_reach_more(self, holder: User | Role | Workload | PermissionSet) -> bool:
        groups = (self.declarations.groups[each.name] for each in getattr(holder, "groups", ()))
        return any(self._reaches_more(policy) for group in groups for policy in group.policies)

    def key_readers(self, application: str) -> tuple[str, ...]:
        """Give the ARNs of those who may read an application's keys: who is named, who breaks the glass, the root user."""
        named = self._named_readers(application)
        users = {name for each in named if each.startswith("group/") for name in self.members_of(each[6:])}
        arns = {
            *(self.identity_arn("user", name) for name in users),
            *(self.account.identity_arn(each) for each in named if each.startswith("role/")),
            *(each for each in named if each.startswith("arn:")),
        }
        return tuple(sorted({*arns, *self.key_administrators, self._root_arn}))

    @property
    def key_administrators(self) -> tuple[str, ...]:
        """Give the ARN of the role that breaks the glass, if there is one."""
        repairing = self.account.break_glass or ""
        return (self.account.identity_arn(repairing),) if repairing.startswith("role/") else ()

    @property
    def _root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account.id}:root"

    @cached_property
    def applications_with_keys(self) -> tuple[str, ...]:
        """Name the applications of ours that have keys."""
        return applications_with_keys(self.declarations)

    def keys_read_by(self, reader: str) -> tuple[str, ...]:
        """Name the applications that say that somebody such as `group/operators` reads their keys."""
        return tuple(name for name in self.applications_with_keys if reader in self._readers_said(name))

    @property
    def key_regions(self) -> tuple[str, ...]:
        """List the regions that hold keys' secrets."""
        replica = self.account.access_keys.replica
        return (self.account.region, replica) if replica else (self.account.region,)

    def delegated_boundary(self, name: str) -> str:
        """Give the ARN of the boundary of what a delegation makes."""
        return Delegation.arn_in(self.partition, self.account.id, self.account.path, name)

    def _named_readers(self, application: str) -> tuple[str, ...]:
        handover = self.account.handover
        return self._readers_said(application) or ((f"group/{handover}",) if handover else ())

    def _readers_said(self, application: str) -> tuple[str, ...]:
        return readers_said(self.declarations, application)

    def members_of(self, group: str) -> tuple[str, ...]:
        """Name the users of ours in a group, also those whose membership ends."""
        return tuple(self._members.get(group, ()))

    @cached_property
    def _members(self) -> Mapping[str, Mapping[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for name, user in self.declarations.users.items():
            for each in user.groups:
                found.setdefault(each.name, {})[name] = None
        return found

    def makes_own_keys(self, user: User) -> bool:
        """Tell whether a person may make access keys of their own."""
        return makes_own_keys(user, self.declarations.groups)

    @property
    def keeper_token(self) -> str:
        """Where custom resources find the identity keeper."""
        return IdentityKeeper.service_token(self.partition, self.account.region, self.account.id)

    def identity_arn(self, kind: str, name: str) -> str:
        """Give the ARN of a user, group or role of ours by its declared name."""
        return self.account.identity_arn(f"{kind}/{name}")

    def bucket_name(self, declared: str) -> str:
        """Give a bucket's physical name; unless declared it lies in the account's own namespace of its region."""
        bucket = self.declarations.buckets[declared]
        return bucket.existing or bucket.name or self.own_bucket_name(declared)

    def own_bucket_name(self, prefix: str) -> str:
        """Give a name that only this account can hold ("Account regional namespaces", Amazon S3 User Guide)."""
        return account_regional_name(prefix, account=self.account.id, region=self.account.region)

    def access_point_arn(self, name: str) -> str:
        """Give the ARN of an access point of the account, of ours or existing."""
        account = self.account
        return access_point_arn(
            partition=self.partition, region=account.region, account=account.id, name=name
        )

    def policy_arn(self, declared: str) -> str:
        """Give the ARN of a managed policy under `policies`, of ours or existing."""
        return self.declarations.policies[declared].existing or AccessPolicy.arn_in(
            partition=self.partition, account=self.account.id, path=self.account.path, name=declared
        )

    def text_of(self, file: str | None) -> str | None:
        """Read a file that lies beside the declarations, if one is named."""
        return None if file is None else (self.folder / file).read_text(encoding="utf-8")
