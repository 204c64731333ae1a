"""UpdateUser and UpdateGroup, as the IAM API Reference describes them: a new name, a new path, the same id.

The emulator lacks both. An access key, a membership, a device, a password go along with their user.
"""

from __future__ import annotations

from typing import Any

from sandbox.repairs.emulator import (
    access_keys,
    group_inline_policies,
    groups,
    login_profiles,
    mfa_devices,
    user_inline_policies,
    users,
)
from sandbox.repairs.seams import Parameters, Refused, account_id, replace, text
from sandbox.repairs.trust_policies import identity_moved


def register() -> None:
    """Add the actions."""
    replace("UpdateUser", _update_user)
    replace("UpdateGroup", _update_group)


def _update_user(parameters: Parameters) -> dict[str, Any]:
    old = text(parameters, "UserName")
    new = _moved(users, "user", "User", old, parameters)
    if new != old:
        for membership in groups.values():
            membership["Users"] = [new if member == old else member for member in membership["Users"]]
        for key in access_keys.values():
            if key["UserName"] == old:
                key["UserName"] = new
        for device in mfa_devices.values():
            if device["User"] == old:
                device["User"] = new
        _rekey(user_inline_policies, old, new)
        _rekey(login_profiles, old, new)
    return {}


def _update_group(parameters: Parameters) -> dict[str, Any]:
    old = text(parameters, "GroupName")
    new = _moved(groups, "group", "Group", old, parameters)
    _rekey(group_inline_policies, old, new)
    return {}


def _moved(kept: Any, kind: str, noun: str, old: str, parameters: Parameters) -> str:
    record = kept.get(old)
    if record is None:
        raise Refused(404, "NoSuchEntity", f"The {kind} with name {old} cannot be found.")
    new = text(parameters, f"New{noun}Name") or old
    if new != old and new in kept:
        raise Refused(409, "EntityAlreadyExists", f"{noun} with name {new} already exists.")
    path = text(parameters, "NewPath") or record["Path"]
    arn = f"arn:aws:iam::{account_id()}:{kind}{path}{new}"
    identity_moved(record["Arn"], arn)
    record.update({f"{noun}Name": new, "Path": path, "Arn": arn})
    _rekey(kept, old, new)
    return new


def _rekey(kept: Any, old: str, new: str) -> None:
    if new != old and old in kept:
        kept[new] = kept.pop(old)
