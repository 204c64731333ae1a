"""Trust in another account: in its software by external ID, or in its people by their second factor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from access_constructs.mfa_condition import mfa_condition
from access_constructs.refusal import refusal
from access_constructs.time_bound import joined, since_condition, until_condition
from keywright.policy.statement import Conditions, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_ACCOUNT = re.compile(r"[0-9]{12}")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")


def account_trust(
    *,
    partition: str,
    account: str,
    external_id: str | None = None,
    mfa_within_seconds: int | None = None,
    organization: str | None = None,
    units: Sequence[str] = (),
    networks: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> Statement:
    """Let another account say which of its identities assume the role, under one further condition, or several.

    Exactly one of `external_id` and `mfa_within_seconds`: software sends an external ID and has no second factor
    ("Access to AWS accounts owned by third parties", IAM User Guide), the console's Switch Role sends no external ID.
    Beside it, all that is given is asked: that the caller belongs to an `organization`, there to one of `units` or below, comes
    from one of `networks`, not before the day `since` and no later than the day `until`, in UTC.
    The partner's root stands for the account, and survives when an identity there is made anew.

    Raises:
        ValueError: Neither or both are given, or one is malformed.
    """
    if not _ACCOUNT.fullmatch(account):
        raise refusal("an account is trusted by its number", found=f"`{account}`", accepted="12 digits")
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=joined(
            _condition(account, external_id, mfa_within_seconds),
            _belonging(organization, units),
            {"IpAddress": {"aws:SourceIp": tuple(sorted(networks))}} if networks else {},
            since_condition(since),
            until_condition(until),
        ),
    )


def _belonging(organization: str | None, units: Sequence[str]) -> Conditions:
    """Ask for an organization; a unit's path holds those above it and may go on below ("aws:PrincipalOrgPaths")."""
    if organization is None:
        if units:
            raise refusal(
                "units are an organization's", found="no organization", accepted="`organization` beside them"
            )
        return {}
    belonging: Conditions = {"StringEquals": {"aws:PrincipalOrgID": (organization,)}}
    if not units:
        return belonging
    paths = tuple(f"{organization}/*/{unit}/*" for unit in sorted(units))
    return {**belonging, "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": paths}}


def _condition(account: str, external_id: str | None, mfa_within_seconds: int | None) -> Conditions:
    if (external_id is None) == (mfa_within_seconds is None):
        raise refusal(
            f"account `{account}` is trusted under exactly one condition",
            found="neither" if external_id is None else "both",
            accepted="`external_id` for its software, or `mfa_within_seconds` for its people",
        )
    if external_id is None:
        return mfa_condition(mfa_within_seconds or 0)
    if not _EXTERNAL_ID.fullmatch(external_id):
        raise refusal(
            f"the external ID of account `{account}` is malformed",
            found=f"{len(external_id)} characters",
            accepted="2 to 1,224 letters, digits and `_+=,.@:/-`",
        )
    return {"StringEquals": {"sts:ExternalId": (external_id,)}}
