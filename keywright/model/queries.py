"""Queries over several sections of the declarations: grants and policies of each holder, services, keys, workloads, stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.grants.grant import (
    AssumeGrant,
    ManagedPolicyGrant,
    S3Grant,
    SessionGrant,
    StatementGrant,
)
from keywright.model.identity_center import PermissionSet
from keywright.model.stacks.kinds import STACKS
from keywright.model.stacks.shards import (
    ACCOUNT_STACK,
    ANALYZER_STACK,
    CENTER_STACK,
    KEYS_STACK,
    stack_name,
)
from keywright.model.trusts.trust import WorkloadTrust
from keywright.model.workloads import WORKLOAD_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.declarations import Declarations
    from keywright.model.draft import Draft
    from keywright.model.grants.grant import Grant, OwnPolicy
    from keywright.model.people.groups import Group
    from keywright.model.people.users import User
    from keywright.model.roles import Delegation, Role
    from keywright.model.source.places import Path
    from keywright.model.workloads import Workload

    Holder = Group | User | Role | Workload | Delegation | PermissionSet

SECTIONS = ("groups", "users", "roles", "workloads", "delegations", "permission_sets")
GRANTING = (*SECTIONS, "policies")
"""The sections with grants: holders, and policies that are attached to several."""


def holders(draft: Draft) -> Iterator[tuple[Path, Holder]]:
    """Give every group, user, role, workload, delegation and permission set with its path."""
    for section in SECTIONS:
        for name, holder in getattr(draft.declared, section).items():
            yield (section, name), holder


def granting(draft: Draft) -> Iterator[tuple[Path, Holder | OwnPolicy]]:
    """Give everything with grants and its path: holders, and declared policies."""
    yield from holders(draft)
    for name, policy in draft.declared.policies.items():
        yield ("policies", name), policy


def attached(path: Path, holder: Holder) -> Iterator[tuple[Path, ManagedPolicyGrant]]:
    """Give the attached managed policies, and a permission set's boundary last, each with its path."""
    for index, policy in enumerate(holder.policies):
        yield (*path, "policies", index, "managed"), policy
    boundary = getattr(holder, "boundary", None)
    if isinstance(boundary, ManagedPolicyGrant):
        yield (*path, "boundary", "managed"), boundary


def grants_of(draft: Draft, path: Path, holder: Holder) -> Iterator[tuple[Path, Grant]]:
    """Give the grants of a holder and of its declared policies, each with its path."""
    for index, grant in enumerate(holder.grants):
        yield (*path, "grants", index), grant
    for policy in holder.policies:
        own = draft.declared.policies.get(policy.own) if policy.own else None
        for index, grant in enumerate(own.grants if own else ()):
            yield ("policies", policy.own or "", "grants", index), grant


def granted_to(user: User, declarations: Declarations) -> Iterator[Grant]:
    """Give the grants of a user and its groups, without those of policies."""
    for each in user.groups:
        yield from declarations.groups[each.name].grants
    yield from user.grants


SESSIONS = frozenset({"ssm", "ssmmessages"})
"""The services that Session Manager uses."""


def services_used(declarations: Declarations) -> tuple[str, ...]:
    """List the services of all grants, and those that features need; the permissions boundary allows these."""
    granted = {
        service
        for section in GRANTING
        for holder in getattr(declarations, section).values()
        # Our boundary does not limit such a permission set, so it need not allow its services.
        if not (isinstance(holder, PermissionSet) and not holder.is_within_ours)
        for grant in holder.grants
        for service in _services_of(grant, declarations)
    }
    has_handover = declarations.account.handover or key_reading_roles(declarations) is not None
    of_handover = {"secretsmanager"} if has_handover else set()
    # Delegates create roles, which takes IAM actions that the boundary must allow.
    of_delegations = {"iam"} if declarations.delegations else set()
    of_sessions = SESSIONS if takes_sessions(declarations) else frozenset()
    return tuple(sorted(granted | of_handover | of_delegations | of_sessions))


def takes_sessions(declarations: Declarations) -> bool:
    """Tell whether any workload allows Session Manager sessions."""
    return any(workload.sessions for workload in declarations.workloads.values())


def _services_of(grant: Grant, declarations: Declarations) -> set[str]:
    if isinstance(grant, S3Grant):
        return {"s3", "kms"} if declarations.buckets[grant.bucket].key else {"s3"}
    if isinstance(grant, StatementGrant):
        raw = grant.statement
        # A Deny works whether or not the boundary allows the service.
        return {action.partition(":")[0].lower() for action in raw.actions if raw.allows}
    if isinstance(grant, AssumeGrant):
        return {"sts"}
    if isinstance(grant, SessionGrant):
        return set(SESSIONS)
    return {grant.allow.service}


def makes_own_keys(user: User, groups: Mapping[str, Group]) -> bool:
    """Tell whether a person can create access keys, by its own `cli` or by `self_service` of a well-formed group."""
    return user.person is not None and reason_of_own_keys(user, groups) is not None


def reason_of_own_keys(user: User, groups: Mapping[str, Group]) -> str | None:
    """Give the declared reason for personal access keys; none if the user can't create any."""
    if user.cli is not None and user.cli.session_token is not None:
        return user.cli.session_token.because
    joined = (groups[each.name] for each in user.groups if each.name in groups)
    allowed = (each.self_service.access_keys for each in joined if each.self_service)
    return next((each.because for each in allowed if each is not None), None)


def applications_with_keys(declarations: Declarations) -> tuple[str, ...]:
    """List the applications with access keys."""
    users = declarations.users.items()
    return tuple(sorted(name for name, user in users if user.application and user.access_keys))


def declared_readers(declarations: Declarations, application: str) -> tuple[str, ...]:
    """Give the declared `readers` of an application's keys."""
    declared = declarations.users[application].application
    return (declared.readers if declared else None) or ()


def key_reading_roles(declarations: Declarations) -> tuple[str, ...] | None:
    """List the declared roles that can read keys; `None` if no application has `readers`."""
    names = applications_with_keys(declarations)
    readers = [each for name in names for each in declared_readers(declarations, name)]
    roles = {each.removeprefix("role/") for each in readers if each.startswith("role/")}
    return tuple(sorted(roles)) if readers else None


def stack_patterns(declarations: Declarations) -> list[str]:
    """List the stacks, numbered ones as patterns."""
    account, shards = declarations.account, declarations.shards
    first = {stack_name(kind, 0) for kind in STACKS}
    # One pattern for all numbers, because the boundary lists the stacks and its size is limited.
    numbered = {f"{name}-*" for kind, name in STACKS.items() if len(shards.numbers(kind)) > 1}
    replica, analyzer = account.access_keys.replica, account.access_analyzer
    copies = [f"{KEYS_STACK}-{replica}"] if replica else []
    elsewhere = [f"{ANALYZER_STACK}-*"] if analyzer and analyzer.regions else []
    center = [CENTER_STACK] if declarations.identity_center else []
    return [ACCOUNT_STACK, *sorted(first | numbered), *copies, *elsewhere, *center]


def roles_of_workload(declarations: Declarations, workload: str) -> Iterator[str]:
    """List the roles that trust a workload."""
    for name, role in sorted(declarations.roles.items()):
        if any(isinstance(trust, WorkloadTrust) and trust.workload == workload for trust in role.trusts):
            yield name


def tag_of_workload(declarations: Declarations, workload: str) -> dict[str, str]:
    """Give the tag of a workload's role and instances, if a policy tests it."""
    is_tested = declarations.workloads[workload].sessions or any(roles_of_workload(declarations, workload))
    return {WORKLOAD_TAG: workload} if is_tested else {}
