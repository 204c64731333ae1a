"""DeleteConflict, as the IAM API Reference describes DeleteUser, DeleteGroup, DeletePolicy.

"Unlike the AWS Management Console, when you delete a user programmatically, you must delete the items
attached to the user manually, or the deletion fails." The emulator deletes a user that still has a login, devices or
memberships, a group with members, and a policy with versions. It refuses DeleteRole correctly already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.sandbox.patches.emulator import (
    access_keys,
    group_inline_policies,
    groups,
    login_profiles,
    managed_policies,
    mfa_devices,
    user_inline_policies,
    users,
)
from keywright.sandbox.patches.hooks import Parameters, Refused, guard, text
from keywright.sandbox.patches.iam import user_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator


def register() -> None:
    """Refuse what AWS refuses."""
    guard("DeleteUser", lambda parameters: _refuse(_left_on_user(text(parameters, "UserName"))))
    guard("DeleteGroup", lambda parameters: _refuse(_left_on_group(text(parameters, "GroupName"))))
    guard("DeletePolicy", _policy_with_versions)


def _refuse(steps: Iterator[str]) -> None:
    for step in steps:
        raise Refused(409, "DeleteConflict", f"Cannot delete entity, must {step} first.")


def _left_on_user(name: str) -> Iterator[str]:
    if any(name in group["Users"] for group in groups.values()):
        yield "remove user from all groups"
    if (users.get(name) or {}).get("AttachedPolicies"):
        yield "detach all policies"
    if user_inline_policies.get(name):
        yield "delete policies"
    if name in login_profiles:
        yield "delete login profile"
    if any(key["UserName"] == name for key in access_keys.values()):
        yield "delete access keys"
    if any(device["User"] == name for device in mfa_devices.values()):
        yield "delete MFA device"
    yield from user_credentials.remaining_credentials(name)


def _left_on_group(name: str) -> Iterator[str]:
    group = groups.get(name) or {}
    if group.get("Users"):
        yield "remove users from group"
    if group.get("AttachedPolicies"):
        yield "detach all policies"
    if group_inline_policies.get(name):
        yield "delete policies"


def _policy_with_versions(parameters: Parameters) -> None:
    policy = managed_policies.get(text(parameters, "PolicyArn"))
    if policy and len(policy["Versions"]) > 1:
        raise Refused(
            409,
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy.",
        )
