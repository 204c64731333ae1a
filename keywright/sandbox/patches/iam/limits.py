"""Quotas and the length and pattern of parameters.

AWS: "IAM and AWS STS quotas", refused with LimitExceeded: access keys, groups and MFA devices per user, managed policies
per user, group or role, and sizes of policies without white space. "Length Constraints" and "Pattern" of each parameter
in the IAM and AWS STS API References, read from botocore's service models, refused with ValidationError. The emulator
checks none of them, and neither do the clients.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from keywright.sandbox.patches.emulator import (
    access_keys,
    group_inline_policies,
    groups,
    mfa_devices,
    roles,
    user_inline_policies,
    users,
)
from keywright.sandbox.patches.hooks import IAM, Api, Parameters, Refused, guard, text

ACCESS_KEYS = 2
GROUPS = 10
MFA_DEVICES = 8
MANAGED_POLICIES = 10
MANAGED_POLICY_SIZE = 6_144
TRUST_POLICY_SIZE = 2_048
INLINE_SIZE = {"User": 2_048, "Group": 5_120, "Role": 10_240}
_WHITE_SPACE = re.compile(r"\s")


def register_quotas() -> None:
    """Refuse requests that exceed a quota."""
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
    # A set, because joining a group again changes nothing on AWS.
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
        policies = {
            **inline_policies(noun, name),
            text(parameters, "PolicyName"): text(parameters, "PolicyDocument"),
        }
        if sum(map(size, policies.values())) > limit:
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


def register_parameter_constraints() -> None:
    """Check every action of IAM; `sts.actions` checks those of STS."""
    for action in IAM.handlers:
        if action in IAM.model.operation_names:
            guard(action, lambda parameters, action=action: check_parameters(IAM, action, parameters))  # type: ignore[misc]


def check_parameters(api: Api, action: str, parameters: Parameters) -> None:
    """Check an action's text parameters against their constraints.

    Raises:
        Refused: ValidationError, which names the first invalid parameter.
    """
    shape = api.model.operation_model(action).input_shape
    for name, member in shape.members.items() if shape else ():
        value = text(parameters, name)
        if value and member.type_name == "string" and (broken := _broken(member.metadata, value)):
            # A password must not appear in an error message, and so in a log.
            shown = "" if member.metadata.get("sensitive") else f"Value '{value[:100]}' "
            message = (
                f"1 validation error detected: {shown}at '{name}' failed to satisfy constraint: {broken}"
            )
            raise Refused(400, "ValidationError", message)


def _broken(constraints: dict[str, Any], value: str) -> str:
    if len(value) < constraints.get("min", 0):
        return f"Member must have length greater than or equal to {constraints['min']}"
    if len(value) > constraints.get("max", len(value)):
        return f"Member must have length less than or equal to {constraints['max']}"
    if "pattern" in constraints and not _pattern(constraints["pattern"]).fullmatch(value):
        return f"Member must satisfy regular expression pattern: {constraints['pattern']}"
    return ""


@cache
def _pattern(written: str) -> re.Pattern[str]:
    # AWS's patterns are meant for ASCII: `\w` would otherwise match letters of every script.
    return re.compile(written, re.ASCII)
