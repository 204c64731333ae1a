"""The permissions boundaries that declarations ask for, and the account's denials in them, on its literal ARNs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.identity_arns import identity_arn, other_user_paths, roles_elsewhere
from keywright.model.queries import (
    key_reading_roles,
    makes_own_keys,
    services_used,
    stack_patterns,
    takes_sessions,
)
from keywright.policy.matching.arn import partition_of
from keywright.statements.account_denials import (
    deny_other_networks,
    deny_other_organizations,
    deny_other_regions,
    deny_without_tls,
)
from keywright.statements.boundary import (
    BOUNDARY_POLICY,
    DELEGATED_POLICY,
    WIDE_BOUNDARY_POLICY,
    boundary_arn,
    boundary_statements,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.model.declarations import Declarations
    from keywright.policy.statement import Statement
    from keywright.statements.boundary import BoundaryRestrictions


def declared_denials(
    declarations: Declarations, services: Sequence[str], *, sandbox: bool = False
) -> tuple[Statement, ...]:
    """Give the denials that the account declares, for a boundary that allows these services.

    In the sandbox, denials by network and organization are left out: its requests come from the local machine, and its
    account is in no organization, so that they would deny everything.
    """
    return tuple(_denials(declarations, services, sandbox=sandbox))


def _denials(declarations: Declarations, services: Sequence[str], *, sandbox: bool) -> Iterator[Statement]:
    account = declarations.account
    denied = account.deny
    if denied is None:
        return
    if denied.outside_regions:
        yield deny_other_regions(denied.outside_regions, services)
    if denied.without_tls:
        yield deny_without_tls()
    if sandbox:
        return
    if denied.outside_networks is not None:
        # Validation has refused this denial, and the next one, without a break-glass role.
        networks = denied.outside_networks
        yield deny_other_networks(
            networks.addresses,
            networks.vpcs,
            services,
            break_glass_arn=identity_arn(declarations, account.break_glass_role or "role/"),
            excepted=[identity_arn(declarations, each) for each in networks.excepting],
            instances=networks.instances,
        )
    if denied.outside_organizations:
        yield deny_other_organizations(
            denied.outside_organizations,
            services,
            partition=partition_of(account.region),
            break_glass_arn=identity_arn(declarations, account.break_glass_role or "role/"),
        )


@dataclass(frozen=True)
class DeclaredBoundary:
    """The arguments of a `Boundary` construct."""

    policy_name: str
    services: tuple[str, ...]
    denials: tuple[Statement, ...]
    restrictions: BoundaryRestrictions


def declared_boundaries(declarations: Declarations, *, sandbox: bool = False) -> Iterator[DeclaredBoundary]:
    """Give the boundary of most identities, and that of identities with AWS managed policies."""
    restrictions = _restrictions(declarations)
    for policy_name, services in (
        (BOUNDARY_POLICY, services_used(declarations)),
        (WIDE_BOUNDARY_POLICY, ("*",)),
    ):
        denials = declared_denials(declarations, services, sandbox=sandbox)
        yield DeclaredBoundary(policy_name, services, denials, restrictions)


def _restrictions(declarations: Declarations) -> BoundaryRestrictions:
    account, partition = declarations.account, partition_of(declarations.account.region)
    readers = key_reading_roles(declarations)
    return {
        "stacks": tuple(stack_patterns(declarations)),
        "key_readers": None
        if readers is None
        else [identity_arn(declarations, f"role/{name}") for name in readers],
        "delegated": [
            boundary_arn(partition, account.id, account.path, f"{DELEGATED_POLICY}{name}")
            for name in declarations.delegations
        ],
        "own_access_keys": any(
            makes_own_keys(user, declarations.groups) for user in declarations.users.values()
        ),
        "sessions": takes_sessions(declarations),
        "roles_outside": roles_elsewhere(declarations),
        "other_user_paths": other_user_paths(declarations, bounded=True),
    }


def declared_boundary_statements(
    boundary: DeclaredBoundary, declarations: Declarations
) -> tuple[Statement, ...]:
    """Give a boundary's statements.

    Raises:
        ValueError: It exceeds the size of a managed policy, as in `boundary_statements`.
    """
    account = declarations.account
    return boundary_statements(
        partition_of(account.region),
        account.id,
        account.path,
        services=boundary.services,
        denials=boundary.denials,
        **boundary.restrictions,
    )
