"""Declared trusts as the constructs' own statements, which need no CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.account_trust import account_trust
from keywright.model.duration import seconds
from keywright.policy.partition import partition_of

if TYPE_CHECKING:
    from keywright.model.account import Account
    from keywright.model.account_trust import AccountTrust
    from keywright.policy.statement import Statement


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
