"""Statements that declarations become: boundaries with their denials, and trusts in accounts, services and pods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.fields.dates import seconds
from keywright.model.holders import services_used, takes_sessions
from keywright.model.people.access_keys import key_reading_roles, makes_own_keys
from keywright.model.stacks.shards import stack_patterns
from keywright.policy.matching.arn import partition_of
from keywright.statements.account_denials import (
    outside_networks,
    outside_organizations,
    outside_regions,
    without_tls,
)
from keywright.statements.boundary import (
    BOUNDARY_POLICY,
    DELEGATED_POLICY,
    WIDE_BOUNDARY_POLICY,
    boundary_arn,
    boundary_statements,
)
from keywright.statements.trusts.accounts import account_trust
from keywright.statements.trusts.services import pod_identity_trust, service_trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.model.account.settings import Account
    from keywright.model.declarations import Declarations
    from keywright.model.trusts.account import AccountTrust
    from keywright.model.trusts.eks_trust import EksTrust
    from keywright.model.trusts.service import ServiceTrust
    from keywright.policy.statement import Statement
    from keywright.statements.boundary_denials import FenceTerms


def denials_of(
    declarations: Declarations, services: Sequence[str], *, sandbox: bool = False
) -> tuple[Statement, ...]:
    """Give the denials that the account declares, for a boundary over these services.

    The embedded account is reached from this very machine and is in no organization: there networks and organizations
    are left out, or nobody could try what they are granted.
    """
    return tuple(_denials(declarations, services, sandbox=sandbox))


def _denials(declarations: Declarations, services: Sequence[str], *, sandbox: bool) -> Iterator[Statement]:
    account = declarations.account
    denied = account.deny
    if denied is None:
        return
    if denied.outside_regions:
        yield outside_regions(denied.outside_regions, services)
    if denied.without_tls:
        yield without_tls()
    if sandbox:
        return
    if denied.outside_networks is not None:
        networks = denied.outside_networks
        yield outside_networks(
            networks.addresses,
            networks.vpcs,
            services,
            repaired_by=account.identity_arn(account.break_glass or "role/"),
            excepted=[account.identity_arn(each) for each in networks.excepting],
            instances=networks.instances,
        )
    if denied.outside_organizations:
        yield outside_organizations(
            denied.outside_organizations,
            services,
            partition=partition_of(account.region),
            repaired_by=account.identity_arn(account.break_glass or "role/"),
        )


@dataclass(frozen=True)
class DeclaredBoundary:
    """What `Boundary` is made of, by the names of its arguments."""

    policy_name: str
    services: tuple[str, ...]
    denials: tuple[Statement, ...]
    fence: FenceTerms


def declared_boundaries(declarations: Declarations, *, sandbox: bool = False) -> Iterator[DeclaredBoundary]:
    """Give the boundary of most, and that of holders of managed policies; `sandbox` says that the embedded account is meant."""
    fence = _fence(declarations)
    for policy_name, services in (
        (BOUNDARY_POLICY, services_used(declarations)),
        (WIDE_BOUNDARY_POLICY, ("*",)),
    ):
        denials = denials_of(declarations, services, sandbox=sandbox)
        yield DeclaredBoundary(policy_name, services, denials, fence)


def _fence(declarations: Declarations) -> FenceTerms:
    account, partition = declarations.account, partition_of(declarations.account.region)
    readers = key_reading_roles(declarations)
    return {
        "stacks": tuple(stack_patterns(declarations)),
        "key_readers": None
        if readers is None
        else [account.identity_arn(f"role/{name}") for name in readers],
        "delegated": [
            boundary_arn(partition, account.id, account.path, f"{DELEGATED_POLICY}{name}")
            for name in declarations.delegations
        ],
        "own_access_keys": any(
            makes_own_keys(user, declarations.groups) for user in declarations.users.values()
        ),
        "sessions": takes_sessions(declarations),
    }


def statements_of(boundary: DeclaredBoundary, declarations: Declarations) -> tuple[Statement, ...]:
    """Give a boundary's statements.

    Raises:
        ValueError: It outgrows a managed policy; said as the construct says it.
    """
    account = declarations.account
    return boundary_statements(
        partition_of(account.region),
        account.id,
        account.path,
        services=boundary.services,
        denials=boundary.denials,
        **boundary.fence,
    )


def trust_in_account(trust: AccountTrust, ours: Account) -> Statement:
    """Give the statement that lets another account in; names of its roles lie under our path there too."""
    partition = partition_of(ours.region)
    where = f"arn:{partition}:iam::{trust.account}:role{ours.path}"
    return account_trust(
        partition=partition,
        role_arns=tuple(each if each.startswith("arn:") else where + each for each in trust.roles),
        account=trust.account,
        external_id=trust.external_id,
        mfa_within_seconds=seconds(trust.people.mfa.within) if trust.people else None,
        organization=trust.organization,
        units=trust.units,
        networks=trust.networks,
        since=trust.since,
        until=trust.until,
    )


def trust_in_service(trust: ServiceTrust, ours: Account) -> Statement:
    """Give the statement that lets a service of AWS act with the role."""
    return service_trust(service=trust.service, resources=trust.held_to, **_here(ours))


def trust_in_pods(trust: EksTrust, ours: Account) -> Statement:
    """Give the statement that lets EKS hand the role to pods."""
    pods = trust.eks
    return pod_identity_trust(
        cluster=pods.cluster, namespace=pods.namespace, service_account=pods.service_account, **_here(ours)
    )


def _here(ours: Account) -> dict[str, str]:
    return {"partition": partition_of(ours.region), "region": ours.region, "account": ours.id}
