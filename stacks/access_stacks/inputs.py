"""The inputs of every stack: the declarations in force, and the names and ARNs that derive from them.

Stacks refer to each other by literal ARNs and an explicit order, never by exports: an export in use cannot be removed,
so a bucket and the grants on it could not be removed in one edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from access_constructs.identity_keeper import IdentityKeeper
from access_constructs.policies.boundary import Boundary
from access_constructs.policies.delegation import Delegation
from access_constructs.policies.shared_policy import AccessPolicy
from access_constructs.storage.bucket import account_regional_name
from keywright.model.accepted_findings import accepted_findings
from keywright.model.adoption import NONE
from keywright.model.buckets import physical_name
from keywright.model.identity_arns import identity_arn, other_user_paths, path_of
from keywright.model.queries import applications_with_keys, declared_readers, makes_own_keys, stack_patterns
from keywright.model.stacks.kinds import SECTIONS
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
    """The declarations in force today, the folder they were read from, and whether they are deployed into the sandbox.

    Grants by access level yield the actions pinned in `lock`; without a lock, as with declarations written in Python, they
    yield the actions of the packaged action catalogue.
    """

    declarations: Declarations
    folder: Path
    sandbox: bool = False
    lock: ActionLock | None = None

    @property
    def account(self) -> Account:
        """The declared account."""
        return self.declarations.account

    def stacks(self) -> list[str]:
        """Name the stacks; those with a number by a pattern."""
        return stack_patterns(self.declarations)

    def named_in(self, kind: Kind, number: int) -> Sequence[str]:
        """Name the declarations of a kind that belong to the stack of that number, in declared order."""
        return self._named[kind].get(number, ())

    @cached_property
    def _named(self) -> Mapping[Kind, Mapping[int, Sequence[str]]]:
        """The names by kind and stack, computed once for all stacks."""
        found: dict[Kind, dict[int, list[str]]] = {kind: {} for kind in SECTIONS}
        for kind, section in SECTIONS.items():
            for name in getattr(self.declarations, section):
                found[kind].setdefault(self.declarations.shards.number(kind, name), []).append(name)
        return found

    def has_exception(self, declared: str) -> bool:
        """Tell whether an exception is declared for something such as `role/vendor`."""
        return declared in self._excepted

    @cached_property
    def _excepted(self) -> frozenset[str]:
        return frozenset(each.on for each in accepted_findings(self.declarations))

    def is_assigned_here(self, permission_set: str) -> bool:
        """Tell whether a permission set is assigned in this account, or nowhere yet."""
        mine = [each for each in self.declarations.assignments if each.permission_set == permission_set]
        return not mine or any(self.account.id in (each.accounts or (self.account.id,)) for each in mine)

    @property
    def partition(self) -> str:
        """The partition of the declared region."""
        return partition_of(self.account.region)

    def boundary_of(self, identity: User | Role | Workload) -> str | None:
        """Give the permissions boundary of a user, role or workload: an adopted one can have another, or none."""
        adopted = identity.adopted
        if adopted is None or adopted.boundary is None:
            return self.own_boundary_of(identity)
        return None if adopted.boundary == NONE else adopted.boundary

    def own_boundary_of(self, identity: User | Role | Workload | PermissionSet) -> str:
        """Give the account's permissions boundary for a user, role, workload or permission set.

        The services of a managed policy are not declared, and AWS can change them. So an identity with one, or in a group
        with one, gets the boundary that allows any service; its other restrictions are the same.
        """
        groups = (self.declarations.groups[each.name] for each in getattr(identity, "groups", ()))
        policies = (*identity.policies, *(policy for group in groups for policy in group.policies))
        name = WIDE_BOUNDARY_POLICY if any(map(self._has_undeclared_services, policies)) else BOUNDARY_POLICY
        return Boundary.arn_in(self.partition, self.account.id, self.account.path, name)

    def _has_undeclared_services(self, policy: ManagedPolicyGrant) -> bool:
        return policy.own is None or self.declarations.policies[policy.own].existing is not None

    def key_readers(self, application: str) -> tuple[str, ...]:
        """Give the ARNs that can read an application's access keys: the named readers, the break-glass role, the root user."""
        handover = self.account.handover
        default = (f"group/{handover}",) if handover else ()
        named = declared_readers(self.declarations, application) or default
        # A group cannot be a principal, so a policy names its members.
        users = {name for each in named if each.startswith("group/") for name in self.members_of(each[6:])}
        return tuple(
            sorted(
                {
                    *(self.identity_arn("user", name) for name in users),
                    *(identity_arn(self.declarations, each) for each in named if each.startswith("role/")),
                    *(each for each in named if each.startswith("arn:")),
                    *self.key_administrators,
                    f"arn:{self.partition}:iam::{self.account.id}:root",
                }
            )
        )

    @property
    def key_administrators(self) -> tuple[str, ...]:
        """The ARN of the break-glass role, if there is one."""
        break_glass = self.account.break_glass_role or ""
        return (identity_arn(self.declarations, break_glass),) if break_glass.startswith("role/") else ()

    @cached_property
    def applications_with_keys(self) -> tuple[str, ...]:
        """The declared applications that have access keys."""
        return applications_with_keys(self.declarations)

    def keys_read_by(self, reader: str) -> tuple[str, ...]:
        """Name the applications that declare an identity such as `group/operators` as a reader of their access keys."""
        return tuple(
            name
            for name in self.applications_with_keys
            if reader in declared_readers(self.declarations, name)
        )

    @property
    def key_regions(self) -> tuple[str, ...]:
        """The regions that have the secrets of access keys."""
        replica = self.account.access_keys.replica
        return (self.account.region, replica) if replica else (self.account.region,)

    def delegated_boundary(self, name: str) -> str:
        """Give the ARN of the boundary that a delegation's roles must have."""
        return Delegation.arn_in(self.partition, self.account.id, self.account.path, name)

    def members_of(self, group: str) -> tuple[str, ...]:
        """Name the declared users in a group, including those whose membership ends."""
        return tuple(self._members.get(group, ()))

    @cached_property
    def _members(self) -> Mapping[str, Mapping[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for name, user in self.declarations.users.items():
            for each in user.groups:
                found.setdefault(each.name, {})[name] = None
        return found

    def makes_own_keys(self, user: User) -> bool:
        """Tell whether a person can create their own access keys."""
        return makes_own_keys(user, self.declarations.groups)

    @property
    def keeper_token(self) -> str:
        """The service token of the identity keeper's custom resources."""
        return IdentityKeeper.service_token(self.partition, self.account.region, self.account.id)

    def identity_arn(self, kind: str, name: str) -> str:
        """Give the ARN of a declared user, group or role."""
        return identity_arn(self.declarations, f"{kind}/{name}")

    def path_of(self, kind: str, name: str) -> str:
        """Give the IAM path of a declared user, group, role, workload or policy."""
        return path_of(self.declarations, kind, name)

    @cached_property
    def other_user_paths(self) -> tuple[str, ...]:
        """The paths of adopted users that differ from the account's."""
        return other_user_paths(self.declarations)

    def trusted_members_of(self, group: str) -> tuple[str, ...]:
        """Give the members of a group as `group_trust` takes them: adopted ones elsewhere with their path."""
        return tuple(self._trusted(name) for name in self.members_of(group))

    def _trusted(self, user: str) -> str:
        path = self.path_of("user", user)
        return user if path == self.account.path else f"{path}{user}"

    def bucket_name(self, declared: str) -> str:
        """Give a bucket's physical name; by default it is in the account's regional namespace."""
        bucket = self.declarations.buckets[declared]
        return physical_name(declared, bucket, account=self.account.id, region=self.account.region)

    def own_bucket_name(self, prefix: str) -> str:
        """Give a bucket name that only this account can use ("Account regional namespaces", Amazon S3 User Guide)."""
        return account_regional_name(prefix, account=self.account.id, region=self.account.region)

    def policy_arn(self, declared: str) -> str:
        """Give the ARN of a declared or existing managed policy under `policies`."""
        return self.declarations.policies[declared].existing or AccessPolicy.arn_in(
            partition=self.partition,
            account=self.account.id,
            path=self.path_of("policy", declared),
            name=declared,
        )

    def text_of(self, file: str | None) -> str | None:
        """Read a file in the folder of the declarations; None for no file."""
        return None if file is None else (self.folder / file).read_text(encoding="utf-8")
