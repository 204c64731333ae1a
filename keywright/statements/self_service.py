"""What people do for their own sign-in: password, MFA devices, own access keys, `aws login`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Effect, Statement
from keywright.statements.conditions import merge_conditions, until_condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


MFA_PRESENT = "aws:MultiFactorAuthPresent"


POSSIBLE_WITHOUT_MFA = (
    "iam:ChangePassword",
    "iam:GetAccountPasswordPolicy",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
)
"""The actions for setting up MFA; the first two are needed for the forced password change at the first sign-in ("AWS: Allows
MFA-authenticated IAM users to manage their own credentials on the Security credentials page", IAM User Guide)."""


def guard_statements() -> tuple[Statement, ...]:
    """Deny everything but the setup of MFA without MFA; deny registering devices too for requests signed with an access key.

    `aws:MultiFactorAuthPresent` is `false` in a console session without MFA and absent from a request signed with a
    long-term access key ("AWS global condition context keys", IAM User Guide). `BoolIfExists` matches both; `Null` matches
    the access key only, so that a stolen one can register no device. Role sessions do not carry MFA: roles require it in
    their trust policy.

    `iam:ChangePassword` is not denied where the key is absent: whether it is absent from the forced change at the first
    sign-in is not documented, and no other key tells an access key apart. `ChangePassword` requires the old password
    ("ChangePassword", IAM API Reference), so that a stolen access key alone can't change it.
    """
    return (
        Statement(
            sid="WithoutMfaOnlySetUp",
            effect=Effect.DENY,
            not_actions=POSSIBLE_WITHOUT_MFA,
            resources=("*",),
            conditions={"BoolIfExists": {MFA_PRESENT: ("false",)}},
        ),
        Statement(
            sid="NoSetUpByKey",
            effect=Effect.DENY,
            actions=("iam:CreateVirtualMFADevice", "iam:EnableMFADevice"),
            resources=("*",),
            conditions={"Null": {MFA_PRESENT: ("true",)}},
        ),
    )


def self_service_statements(
    partition: str, account: str, path: str, other_paths: Sequence[str] = ()
) -> tuple[Statement, ...]:
    """Let people manage their own password and MFA devices and see their own access; access keys are not included.

    `other_paths` are those of adopted users, which keep the path that they had.
    Passkeys and security keys need only `EnableMFADevice` on the user; a virtual device is created as a resource first.
    Deactivating a device requires MFA here, whether or not the MFA guard applies.
    """
    own = own_users(partition, account, (path, *other_paths))
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
            # Neither action supports resource-level permissions.
            sid="AccountFacts",
            actions=("iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"),
            resources=("*",),
        ),
    )


def own_user(partition: str, account: str, path: str, nobody: str = "") -> str:
    """Give the ARN of the caller's own user.

    For a caller that is not a user, `nobody` replaces the name; without it, the ARN matches nothing.
    """
    return f"arn:{partition}:iam::{account}:user{path}{_username(nobody)}"


def own_users(partition: str, account: str, paths: Iterable[str], nobody: str = "") -> tuple[str, ...]:
    """Give the ARN of the caller's own user under each of several paths; a name is unique in its account."""
    return tuple(own_user(partition, account, path, nobody) for path in paths)


def own_devices(partition: str, account: str, nobody: str = "") -> tuple[str, str]:
    """Give ARNs of the caller's own virtual MFA devices: `alice`, and further ones such as `alice,phone`.

    Names of users and devices have the same characters ("CreateVirtualMFADevice", IAM API Reference), so a pattern `bob*`
    would match `bob2`. No name of a user with a password contains a comma (`secret_name`).
    """
    device = f"arn:{partition}:iam::{account}:mfa/{_username(nobody)}"
    return (device, f"{device},*")


def _username(nobody: str) -> str:
    return f"${{aws:username, '{nobody}'}}" if nobody else "${aws:username}"


OWN_KEYS_TAG = "keywright-own-access-keys"
"""Tag of users who can create access keys of their own, with the value `true`; neither a declaration nor a session can set it."""
SESSION_TOKEN_GROUP = "session-token"  # noqa: S105 - a name, no secret
KEY_ACTIONS = (
    "iam:CreateAccessKey",
    "iam:DeleteAccessKey",
    "iam:GetAccessKeyLastUsed",
    "iam:UpdateAccessKey",
)
WRITE_ACCESS_KEYS = "iam:*AccessKey"
"""Pattern of the actions that create, delete, activate and deactivate access keys."""


def own_access_keys_statement(
    partition: str,
    account: str,
    path: str,
    until: date | None = None,
    *,
    other_paths: Sequence[str] = (),
) -> Statement:
    """Let people create, deactivate and delete their own access keys with MFA, until a last day if one is given.

    A request signed with such a key has no MFA, so the MFA guard allows it only `sts:GetSessionToken`, which accepts an
    MFA code ("GetSessionToken", AWS STS API Reference). Attach this only to users in the MFA guard's group.
    """
    with_mfa: Conditions = {"Bool": {MFA_PRESENT: ("true",)}}
    return Statement(
        sid="OwnAccessKeys",
        actions=KEY_ACTIONS,
        resources=own_users(partition, account, (path, *other_paths)),
        conditions=merge_conditions(with_mfa, until_condition(until)),
    )


COMMAND_LINE_ACTIONS = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")


def command_line_statement(*, partition: str, account: str) -> Statement:
    """Allow `aws login` on the computer of the person who signed in.

    The command exchanges the console's sign-in for temporary credentials of at most 12 hours ("Login for AWS local
    development using console credentials", AWS CLI User Guide). It needs both actions, on the sign-in service's public
    client in any region, because the browser picks the regional sign-in endpoint; the ARN restricts the account.
    """
    return Statement(
        sid="CommandLine",
        actions=COMMAND_LINE_ACTIONS,
        resources=(f"arn:{partition}:signin:*:{account}:oauth2/public-client/localhost",),
    )
