"""The account's denials as statements on its literal ARNs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.account_denials import (
    outside_networks,
    outside_organizations,
    outside_regions,
    without_tls,
)
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.model.declarations import Declarations
    from keywright.policy.statement import Statement


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
