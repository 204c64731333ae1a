"""Declared trusts as the constructs' own statements, which need no CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.account_trust import account_trust
from keywright.model.duration import seconds

if TYPE_CHECKING:
    from keywright.model.trust import AccountTrust
    from keywright.policy.statement import Statement


def trust_in_account(trust: AccountTrust, partition: str) -> Statement:
    """Give the statement that lets another account in."""
    return account_trust(
        partition=partition,
        account=trust.account,
        external_id=trust.external_id,
        mfa_within_seconds=seconds(trust.people.mfa.within) if trust.people else None,
        organization=trust.organization,
        units=trust.units,
        networks=trust.networks,
        since=trust.since,
        until=trust.until,
    )
