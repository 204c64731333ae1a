"""Declared trusts as the constructs' own statements, which need no CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.account_trust import account_trust
from access_constructs.pod_identity_trust import pod_identity_trust
from access_constructs.service_trust import service_trust
from keywright.model.fields.dates import seconds
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from keywright.model.account.settings import Account
    from keywright.model.trusts.account import AccountTrust
    from keywright.model.trusts.eks_trust import EksTrust
    from keywright.model.trusts.service import ServiceTrust
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
