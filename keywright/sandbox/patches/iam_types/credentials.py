"""AWS::IAM::AccessKey and AWS::IAM::VirtualMFADevice, as in the CloudFormation Template Reference.

The emulator has neither type. A change of `Serial` or `UserName` creates a new key before the old one is deleted; `Status`
changes the key in place. DeleteAccessKey of the IAM API Reference deletes a key of the named user; the emulator deletes
a key of any user. A template cannot carry the codes that EnableMFADevice needs, so CloudFormation enables the device
for its users itself; EnableMFADevice is in `iam.mfa_devices`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.sandbox.patches.cloudformation.properties import tags
from keywright.sandbox.patches.cloudformation.resource_types import (
    Created,
    call,
    call_if_exists,
    generated_name,
    resource_type,
)
from keywright.sandbox.patches.emulator import access_keys, mfa_devices, now, users
from keywright.sandbox.patches.hooks import HandlerFailed, Parameters, Refused, guard, text

if TYPE_CHECKING:
    from keywright.sandbox.patches.hooks import Parameters


def register_access_keys() -> None:
    """Add the type, and have a key deleted by its own user's name only."""
    guard("DeleteAccessKey", _require_own_key)
    resource_type(
        "AWS::IAM::AccessKey",
        create=_create_key,
        update=_update_key,
        delete=_delete_key,
        create_only=("Serial", "UserName"),
    )


def _require_own_key(parameters: Parameters) -> None:
    key_id, user = text(parameters, "AccessKeyId"), text(parameters, "UserName")
    key = access_keys.get(key_id)
    if key and user and key["UserName"] != user:
        raise Refused(404, "NoSuchEntity", f"The Access Key with id {key_id} cannot be found.")


def _create_key(_logical_id: str, properties: Parameters, _stack: str) -> Created:
    key = call("CreateAccessKey", UserName=properties["UserName"])["AccessKey"]
    # CreateAccessKey has no status: every new key is active at first.
    if properties.get("Status") == "Inactive":
        _set_status(key["AccessKeyId"], properties)
    return key["AccessKeyId"], {"SecretAccessKey": key["SecretAccessKey"]}


def _update_key(key_id: str, _old: Parameters, new: Parameters) -> Created:
    _set_status(key_id, new)
    return key_id, {"SecretAccessKey": access_keys[key_id]["SecretAccessKey"]}


def _delete_key(key_id: str, properties: Parameters) -> None:
    call_if_exists("DeleteAccessKey", UserName=properties["UserName"], AccessKeyId=key_id)


def _set_status(key_id: str, properties: Parameters) -> None:
    status = properties.get("Status", "Active")
    call("UpdateAccessKey", UserName=properties["UserName"], AccessKeyId=key_id, Status=status)


def register_mfa_devices() -> None:
    """Add the type."""
    resource_type(
        "AWS::IAM::VirtualMFADevice",
        create=_create_device,
        update=_update_device,
        delete=_delete_device,
        create_only=("Path", "VirtualMfaDeviceName"),
        custom_name="VirtualMfaDeviceName",
        stack_tags=True,
    )


def _create_device(logical_id: str, properties: Parameters, stack: str) -> Created:
    device = call(
        "CreateVirtualMFADevice",
        VirtualMFADeviceName=properties.get("VirtualMfaDeviceName") or generated_name(stack, logical_id),
        Path=properties.get("Path"),
        Tags=tags(properties),
    )["VirtualMFADevice"]
    serial = device["SerialNumber"]
    _assign(serial, properties.get("Users") or [])
    return serial, {"SerialNumber": serial}


def _update_device(serial: str, old: Parameters, new: Parameters) -> Created:
    before, after = old.get("Users") or [], new.get("Users") or []
    if before != after:
        for user in before:
            call_if_exists("DeactivateMFADevice", UserName=user, SerialNumber=serial)
        _assign(serial, after)
    return serial, {"SerialNumber": serial}


def _delete_device(serial: str, properties: Parameters) -> None:
    for user in properties.get("Users") or []:
        call_if_exists("DeactivateMFADevice", UserName=user, SerialNumber=serial)
    call_if_exists("DeleteVirtualMFADevice", SerialNumber=serial)


def _assign(serial: str, names: list[str]) -> None:
    for user in names:
        if user not in users:
            raise HandlerFailed(
                "iam", Refused(404, "NoSuchEntity", f"The user with name {user} cannot be found.")
            )
        mfa_devices[serial].update(User=user, EnableDate=now())
