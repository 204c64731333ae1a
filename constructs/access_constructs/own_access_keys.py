"""Access keys that people make for themselves, where no browser can sign in: good for `get-session-token` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.own_sign_in import own_user
from access_constructs.time_bound import joined, until_condition
from keywright.policy.statement import Conditions, Statement

if TYPE_CHECKING:
    from datetime import date

OWN_KEYS_TAG = "keywright-own-access-keys"
"""On those who may make keys of their own, with the value `true`; a declaration can't set it, nor a session bring it."""
SESSION_TOKEN_GROUP = "session-token"  # noqa: S105 - a name, no secret
KEY_ACTIONS = (
    "iam:CreateAccessKey",
    "iam:DeleteAccessKey",
    "iam:GetAccessKeyLastUsed",
    "iam:UpdateAccessKey",
)
KEY_WRITING = "iam:*AccessKey"
"""Creating, deleting and switching of keys."""


def own_access_keys(partition: str, account: str, path: str, until: date | None = None) -> Statement:
    """Let people make, switch off and delete their own access keys, with their second factor, perhaps until a last day.

    A request signed with such a key carries no second factor, so that the MFA guard leaves it `get-session-token`, which
    takes the code of an authenticator ("GetSessionToken", AWS STS API Reference); neither does it make another key. Who
    is in the guard's group, and nobody else, may be given this.
    """
    with_mfa: Conditions = {"Bool": {"aws:MultiFactorAuthPresent": ("true",)}}
    return Statement(
        sid="OwnAccessKeys",
        actions=KEY_ACTIONS,
        resources=(own_user(partition, account, path),),
        conditions=joined(with_mfa, until_condition(until)),
    )
