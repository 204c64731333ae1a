"""What people do for their own sign-in: password, MFA devices, own access keys, `aws login`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Statement
from keywright.statements.conditions import merge_conditions, until_condition

if TYPE_CHECKING:
    from datetime import date


MFA_PRESENT = "aws:MultiFactorAuthPresent"


def self_service_statements(partition: str, account: str, path: str) -> tuple[Statement, ...]:
    """Let everybody look after their own sign-in: password, second factors, seeing what is theirs; no access keys.

    Passkeys and security keys are enrolled by `EnableMFADevice` on the user alone; a virtual device is a resource first.
    Taking a device away needs MFA by itself, guard or no guard.
    """
    own = (own_user(partition, account, path),)
    return (
        Statement(
            sid="OwnSignIn",
            actions=(
                "iam:ChangePassword",
                "iam:EnableMFADevice",
                "iam:GetLoginProfile",
                "iam:GetMFADevice",
                "iam:GetUser",
                "iam:GetUserPolicy",
                "iam:ListAccessKeys",
                "iam:ListAttachedUserPolicies",
                "iam:ListGroupsForUser",
                "iam:ListMFADevices",
                "iam:ListServiceSpecificCredentials",
                "iam:ListSigningCertificates",
                "iam:ListSSHPublicKeys",
                "iam:ListUserPolicies",
                "iam:ListUserTags",
                "iam:ResyncMFADevice",
            ),
            resources=own,
        ),
        Statement(
            sid="OwnDeviceOff",
            actions=("iam:DeactivateMFADevice",),
            resources=own,
            conditions={"Bool": {MFA_PRESENT: ("true",)}},
        ),
        Statement(
            sid="OwnVirtualDevice",
            actions=("iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"),
            resources=own_devices(partition, account),
        ),
        Statement(
            sid="AccountFacts",
            actions=("iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"),
            resources=("*",),
        ),
    )


def own_user(partition: str, account: str, path: str, nobody: str = "") -> str:
    """Give the caller's own user; `nobody` stands in where the caller is no user, without it nothing matches."""
    return f"arn:{partition}:iam::{account}:user{path}{_username(nobody)}"


def own_devices(partition: str, account: str, nobody: str = "") -> tuple[str, str]:
    """Give the caller's own virtual devices: `alice`, and for more of them `alice,phone`.

    Names of users and of devices have the same alphabet ("CreateVirtualMFADevice", IAM API Reference), so that a mere
    beginning would take `bob` for `bob2`; a comma is what no name of a user with a password has (`secret_name`).
    """
    device = f"arn:{partition}:iam::{account}:mfa/{_username(nobody)}"
    return (device, f"{device},*")


def _username(nobody: str) -> str:
    return f"${{aws:username, '{nobody}'}}" if nobody else "${aws:username}"


OWN_KEYS_TAG = "keywright-own-access-keys"
"""On those who may make keys of their own, with the value `true`; a declaration can't set it, nor a session bring it."""
SESSION_TOKEN_GROUP = "session-token"  # noqa: S105 - a name, no secret
KEY_ACTIONS = (
    "iam:CreateAccessKey",
    "iam:DeleteAccessKey",
    "iam:GetAccessKeyLastUsed",
    "iam:UpdateAccessKey",
)
WRITE_ACCESS_KEYS = "iam:*AccessKey"
"""Creating, deleting and switching of keys."""


def own_access_keys_statement(
    partition: str, account: str, path: str, until: date | None = None
) -> Statement:
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
        conditions=merge_conditions(with_mfa, until_condition(until)),
    )


COMMAND_LINE_ACTIONS = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")


def command_line_statement(*, partition: str, account: str) -> Statement:
    """Allow `aws login` on the signed-in person's own computer.

    The command exchanges the console's sign-in for temporary credentials of at most 12 hours ("Login for AWS local development using console
    credentials", AWS CLI User Guide); both actions are needed, on the sign-in service's public client. Any region: the person's browser picks the
    regional sign-in endpoint, and the account in the ARN bounds the access.
    """
    return Statement(
        sid="CommandLine",
        actions=COMMAND_LINE_ACTIONS,
        resources=(f"arn:{partition}:signin:*:{account}:oauth2/public-client/localhost",),
    )
