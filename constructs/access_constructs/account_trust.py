"""Trust in another account: in its software by external ID, or in its people by their second factor."""

from __future__ import annotations

import re

from access_constructs.mfa_condition import mfa_condition
from access_constructs.refusal import refusal
from keywright.policy.statement import Conditions, Statement

_ACCOUNT = re.compile(r"[0-9]{12}")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")


def account_trust(
    *, partition: str, account: str, external_id: str | None = None, mfa_within_seconds: int | None = None
) -> Statement:
    """Let another account say which of its identities assume the role, under one further condition.

    Exactly one of `external_id` and `mfa_within_seconds`: software sends an external ID and has no second factor
    ("Access to AWS accounts owned by third parties", IAM User Guide), the console's Switch Role sends no external ID.
    The partner's root stands for the account, and survives when an identity there is made anew.

    Raises:
        ValueError: Neither or both are given, or one is malformed.
    """
    if not _ACCOUNT.fullmatch(account):
        raise refusal("an account is trusted by its number", found=f"`{account}`", accepted="12 digits")
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"AWS": (f"arn:{partition}:iam::{account}:root",)},
        conditions=_condition(account, external_id, mfa_within_seconds),
    )


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
