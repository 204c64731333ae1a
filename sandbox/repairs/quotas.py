"""The quotas of "IAM and AWS STS quotas", refused with LimitExceeded as the IAM API Reference describes it.

Access keys per user, groups per user, MFA devices per user, managed policies per user, group or role, and the
sizes of policies without their white space. The emulator counts none of them.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.repairs.emulator import (
    access_keys,
    group_inline_policies,
    groups,
    mfa_devices,
    roles,
    user_inline_policies,
    users,
)
from sandbox.repairs.seams import Parameters, Refused, guard, text

ACCESS_KEYS = 2
GROUPS = 10
MFA_DEVICES = 8
MANAGED_POLICIES = 10
MANAGED_POLICY_SIZE = 6_144
TRUST_POLICY_SIZE = 2_048
INLINE_SIZE = {"User": 2_048, "Group": 5_120, "Role": 10_240}
_WHITE_SPACE = re.compile(r"\s")


def register() -> None:
    """Refuse what goes past a quota."""
    guard("CreateAccessKey", _access_keys)
    guard("AddUserToGroup", _groups)
    guard("EnableMFADevice", _mfa_devices)
    for noun in INLINE_SIZE:
        guard(f"Attach{noun}Policy", _attachments(noun))
        guard(f"Put{noun}Policy", _inline_size(noun))
    for action in ("CreatePolicy", "CreatePolicyVersion"):
        guard(action, _sized("PolicyDocument", "PolicySize", MANAGED_POLICY_SIZE))
    guard("CreateRole", _sized("AssumeRolePolicyDocument", "ACLSizePerRole", TRUST_POLICY_SIZE))
    guard("UpdateAssumeRolePolicy", _sized("PolicyDocument", "ACLSizePerRole", TRUST_POLICY_SIZE))


def size(document: str) -> int:
    """Count a policy's characters as IAM does, without white space."""
    return len(_WHITE_SPACE.sub("", document))


def _exceeded(quota: str, limit: int) -> Refused:
    return Refused(409, "LimitExceeded", f"Cannot exceed quota for {quota}: {limit}")


def _access_keys(parameters: Parameters) -> None:
    user = text(parameters, "UserName")
    if sum(key["UserName"] == user for key in access_keys.values()) >= ACCESS_KEYS:
        raise _exceeded("AccessKeysPerUser", ACCESS_KEYS)


def _groups(parameters: Parameters) -> None:
    user, wanted = text(parameters, "UserName"), text(parameters, "GroupName")
    member_of = {name for name, group in groups.items() if user in group["Users"]}
    if len(member_of | {wanted}) > GROUPS:
        raise _exceeded("GroupsPerUser", GROUPS)


def _mfa_devices(parameters: Parameters) -> None:
    user = text(parameters, "UserName")
    if sum(device["User"] == user for device in mfa_devices.values()) >= MFA_DEVICES:
        raise _exceeded("MFADevicesPerUser", MFA_DEVICES)


def _attachments(noun: str) -> Any:
    kept = {"User": users, "Group": groups, "Role": roles}[noun]

    def check(parameters: Parameters) -> None:
        attached = set((kept.get(text(parameters, f"{noun}Name")) or {}).get("AttachedPolicies") or ())
        if len(attached | {text(parameters, "PolicyArn")}) > MANAGED_POLICIES:
            raise _exceeded(f"PoliciesPer{noun}", MANAGED_POLICIES)

    return check


def _inline_size(noun: str) -> Any:
    limit = INLINE_SIZE[noun]

    def check(parameters: Parameters) -> None:
        name = text(parameters, f"{noun}Name")
        held = {
            **inline_policies(noun, name),
            text(parameters, "PolicyName"): text(parameters, "PolicyDocument"),
        }
        if sum(map(size, held.values())) > limit:
            kind = noun.lower()
            raise Refused(
                409, "LimitExceeded", f"Maximum policy size of {limit} bytes exceeded for {kind} {name}"
            )

    return check


def inline_policies(noun: str, name: str) -> dict[str, str]:
    """Give the inline policies of a user, group or role by name."""
    if noun == "Role":
        return dict((roles.get(name) or {}).get("InlinePolicies") or {})
    kept = user_inline_policies if noun == "User" else group_inline_policies
    return dict(kept.get(name) or {})


def _sized(parameter: str, quota: str, limit: int) -> Any:
    def check(parameters: Parameters) -> None:
        if size(text(parameters, parameter)) > limit:
            raise _exceeded(quota, limit)

    return check
