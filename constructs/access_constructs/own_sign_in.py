"""What people do about their own sign-in: password, second factors, seeing what is theirs."""

from __future__ import annotations

from keywright.policy.statement import Statement

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
