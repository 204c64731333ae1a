"""Trust in another account: in its software by external ID, or in its people by MFA."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Statement
from keywright.reporting.text import refusal
from keywright.statements.conditions import (
    external_id_condition,
    merge_conditions,
    mfa_condition,
    since_condition,
    until_condition,
)
from keywright.statements.trusts.same_account import named_roles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_ACCOUNT = re.compile(r"[0-9]{12}")


def account_trust(
    *,
    partition: str,
    account: str,
    external_id: str | None = None,
    mfa_within_seconds: int | None = None,
    role_arns: Sequence[str] = (),
    organization: str | None = None,
    units: Sequence[str] = (),
    networks: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> Statement:
    """Let another account decide which of its identities assume the role, under one or more conditions.

    Exactly one of `external_id` and `mfa_within_seconds`: software sends an external ID and has no MFA ("Access to AWS
    accounts owned by third parties", IAM User Guide), the console's Switch Role sends no external ID. Named roles of an
    account of the same organization, `role_arns` with `organization`, need neither. Further conditions are all required:
    the caller is a session of one of `role_arns`, belongs to the `organization` and to one of its `units` or below, comes
    from one of `networks`, not before the day `since` and not after the day `until`, in UTC. The principal is the other
    account's root, which stays valid when an identity there is re-created.

    Raises:
        ValueError: Neither or both are given, or one is malformed.
    """
    if not _ACCOUNT.fullmatch(account):
        raise refusal("an account is trusted by its number", found=f"`{account}`", accepted="12 digits")
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=merge_conditions(
            _external_id_or_mfa(
                account,
                external_id,
                mfa_within_seconds,
                is_named=bool(role_arns) and organization is not None,
            ),
            _roles_condition(account, role_arns, mfa_within_seconds),
            _organization_condition(organization, units),
            # Requests through a VPC endpoint have no public address, so this refuses them.
            {"IpAddress": {"aws:SourceIp": tuple(sorted(networks))}} if networks else {},
            since_condition(since),
            until_condition(until),
        ),
    )


def _organization_condition(organization: str | None, units: Sequence[str]) -> Conditions:
    """Require an organization; the path of a unit starts with those above it and continues below ("aws:PrincipalOrgPaths")."""
    if organization is None:
        if units:
            raise refusal(
                "units are given without their organization",
                found="no organization",
                accepted="`organization` with them",
            )
        return {}
    condition: Conditions = {"StringEquals": {"aws:PrincipalOrgID": (organization,)}}
    if not units:
        return condition
    paths = tuple(f"{organization}/*/{unit}/*" for unit in sorted(units))
    return {**condition, "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": paths}}


def _external_id_or_mfa(
    account: str, external_id: str | None, mfa_within_seconds: int | None, *, is_named: bool
) -> Conditions:
    given = (external_id is not None) + (mfa_within_seconds is not None)
    # In one organization there is no other customer with whom the caller could be confused, so naming its
    # roles is enough.
    if given != 1 and not (is_named and given == 0):
        raise refusal(
            f"account `{account}` is trusted under exactly one condition",
            found="both" if given else "neither",
            accepted="`external_id` for its software, or `mfa_within_seconds` for its people; "
            "`role_arns` and `organization` for an account of the same organization",
        )
    if external_id is not None:
        return external_id_condition(external_id)
    return {} if mfa_within_seconds is None else mfa_condition(mfa_within_seconds)


def _roles_condition(account: str, role_arns: Sequence[str], mfa_within_seconds: int | None) -> Conditions:
    """Require named roles of the account."""
    if not role_arns:
        return {}
    wrong = [each for each in role_arns if each.split(":")[4:5] != [account]]
    if wrong or mfa_within_seconds is not None:
        raise refusal(
            f"roles of account `{account}` are its own, and their sessions have no MFA",
            found=f"`{wrong[0]}`" if wrong else "`role_arns` with `mfa_within_seconds`",
            accepted=f"ARNs of roles of account `{account}`" if wrong else "one of them",
        )
    return named_roles(role_arns)
