"""Temporary credentials and the condition keys that they carry.

AWS: "AWS global condition context keys" in the IAM User Guide, of `aws:MultiFactorAuthPresent`: absent for long-term
credentials, present for temporary ones, true where the user gave a code; a role session has none.
`aws:MultiFactorAuthAge` counts the seconds since. GetSessionToken in the AWS STS API Reference: no IAM action unless
the request carries MFA information. The emulator's sessions have neither key.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from keywright.sandbox.patches import sandbox_clock
from keywright.sandbox.patches.emulator import evaluator, principal_keys, register_session, sessions, sts
from keywright.sandbox.patches.hooks import patch

_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SESSION_TOKEN = "GetSessionToken"  # noqa: S105 - the name of an action


def register() -> None:
    """Add the condition keys of sessions."""
    patch(evaluator, "_principal_keys", _principal_keys)
    patch(sts, "_principal_keys", _principal_keys)


def begin(
    *,
    arn: str,
    user_id: str,
    account: str,
    principal_type: str,
    seconds: int,
    mfa: datetime | None = None,
    keys: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Begin a session and give its credentials as AssumeRole and GetSessionToken return them.

    `keys` are further condition keys, in lower case, of every request in the session; `mfa` is the time of the MFA code.
    """
    ends = time.time() + seconds
    credentials = {
        "AccessKeyId": "ASIA" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(16)),
        "SecretAccessKey": secrets.token_urlsafe(30),
        "SessionToken": secrets.token_urlsafe(120),
    }
    record = {
        "Arn": arn,
        "UserId": user_id,
        "AccountId": account,
        "PrincipalType": principal_type,
        "Expiration": ends,
        "MFA": mfa,
        "Keys": keys or {},
        "SecretAccessKey": credentials["SecretAccessKey"],
        "SessionToken": credentials["SessionToken"],
        **more,
    }
    register_session(credentials["AccessKeyId"], record)
    return {**credentials, "Expiration": datetime.fromtimestamp(ends, UTC)}


def of_user(
    user: dict[str, Any], *, seconds: int, mfa: datetime | None, kind: str, **more: Any
) -> dict[str, Any]:
    """Begin a session of an IAM user: with GetSessionToken, or at the console."""
    return begin(
        arn=user["Arn"],
        user_id=user["UserId"],
        account=user["Arn"].split(":")[4],
        principal_type="User",
        seconds=seconds,
        mfa=mfa,
        PrincipalName=user["UserName"],
        Kind=kind,
        **more,
    )


def end(access_key: str) -> None:
    """End a session early."""
    sessions.pop(access_key, None)


def is_refused_by_iam(access_key: str) -> bool:
    """Tell whether an access key is from GetSessionToken without MFA, with which IAM refuses all actions."""
    session = sessions.get(access_key) or {}
    return session.get("Kind") == SESSION_TOKEN and session.get("MFA") is None


def _principal_keys(credential: Any) -> dict[str, Any]:
    keys: dict[str, Any] = principal_keys(credential)
    session = sessions.get(credential.access_key_id)
    if session is None:
        return keys
    keys.update(session.get("Keys") or {})
    given = session.get("MFA")
    # Long-term credentials have no session and therefore not even the key, on which `BoolIfExists` depends.
    keys["aws:multifactorauthpresent"] = "true" if given else "false"
    if given:
        keys["aws:multifactorauthage"] = str(int((sandbox_clock.now() - given).total_seconds()))
    return keys
