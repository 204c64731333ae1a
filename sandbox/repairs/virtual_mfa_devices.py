"""AWS::IAM::VirtualMFADevice, as the CloudFormation Template Reference describes it.

The emulator lacks the type. The template cannot carry the codes that EnableMFADevice asks for, so
CloudFormation enables the device for its users itself; what the emulator's EnableMFADevice checks is in
mfa_devices.
"""

from __future__ import annotations

from sandbox.repairs.emulator import mfa_devices, now, users
from sandbox.repairs.policy_holders import tags
from sandbox.repairs.resources import Created, call, call_unless_gone, generated_name, resource_type
from sandbox.repairs.seams import HandlerFailed, Parameters, Refused


def register() -> None:
    """Add the type."""
    resource_type(
        "AWS::IAM::VirtualMFADevice",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("Path", "VirtualMfaDeviceName"),
        custom_name="VirtualMfaDeviceName",
        stack_tags=True,
    )


def _create(logical_id: str, properties: Parameters, stack: str) -> Created:
    device = call(
        "CreateVirtualMFADevice",
        VirtualMFADeviceName=properties.get("VirtualMfaDeviceName") or generated_name(stack, logical_id),
        Path=properties.get("Path"),
        Tags=tags(properties),
    )["VirtualMFADevice"]
    serial = device["SerialNumber"]
    _assign(serial, properties.get("Users") or [])
    return serial, {"SerialNumber": serial}


def _update(serial: str, old: Parameters, new: Parameters) -> Created:
    before, after = old.get("Users") or [], new.get("Users") or []
    if before != after:
        for user in before:
            call_unless_gone("DeactivateMFADevice", UserName=user, SerialNumber=serial)
        _assign(serial, after)
    return serial, {"SerialNumber": serial}


def _delete(serial: str, properties: Parameters) -> None:
    for user in properties.get("Users") or []:
        call_unless_gone("DeactivateMFADevice", UserName=user, SerialNumber=serial)
    call_unless_gone("DeleteVirtualMFADevice", SerialNumber=serial)


def _assign(serial: str, names: list[str]) -> None:
    for user in names:
        if user not in users:
            raise HandlerFailed(
                "iam", Refused(404, "NoSuchEntity", f"The user with name {user} cannot be found.")
            )
        mfa_devices[serial].update(User=user, EnableDate=now())
