"""The account's denials as statements on its literal ARNs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.account_denials import (
    outside_networks,
    outside_organizations,
    outside_regions,
    without_tls,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.policy.statement import Statement
    from stacks.setting import Setting


def denials_of(setting: Setting, services: Sequence[str]) -> tuple[Statement, ...]:
    """Give the denials that the account declares, for a boundary over these services.

    The embedded account is reached from this very machine and is in no organization: there networks and organizations
    are left out, or nobody could try what they are granted.
    """
    return tuple(_denials(setting, services))


def _denials(setting: Setting, services: Sequence[str]) -> Iterator[Statement]:
    denied = setting.account.deny
    if denied is None:
        return
    if denied.outside_regions:
        yield outside_regions(denied.outside_regions, services)
    if denied.without_tls:
        yield without_tls()
    if setting.sandbox:
        return
    if denied.outside_networks is not None:
        networks = denied.outside_networks
        yield outside_networks(
            networks.addresses,
            networks.vpcs,
            services,
            repaired_by=_repaired_by(setting),
            excepted=[_identity(setting, each) for each in networks.excepting],
            instances=networks.instances,
        )
    if denied.outside_organizations:
        yield outside_organizations(
            denied.outside_organizations,
            services,
            partition=setting.partition,
            repaired_by=_repaired_by(setting),
        )


def _repaired_by(setting: Setting) -> str:
    return _identity(setting, setting.account.break_glass or "role/")


def _identity(setting: Setting, reference: str) -> str:
    kind, _, name = reference.partition("/")
    return setting.identity_arn(kind, name)
