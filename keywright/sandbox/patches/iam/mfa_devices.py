"""Virtual MFA devices produce real codes, and codes are verified.

AWS: "EnableMFADevice", "CreateVirtualMFADevice", "ResyncMFADevice", "GetMFADevice" in the IAM API Reference,
RFC 6238. The emulator's seeds are not base32 and it accepts any code. Here two consecutive codes enable a device, and
no code is accepted twice. AWS does not document the tolerance for a device's clock: one step either way is accepted,
two when the device is enabled.
"""

from __future__ import annotations

import base64
import os
from typing import Any

from keywright.sandbox.client import totp
from keywright.sandbox.patches import sandbox_clock
from keywright.sandbox.patches.emulator import mfa_devices, now, users
from keywright.sandbox.patches.hooks import Parameters, Refused, account_id, guard, replace, text

_SEED_BYTES = 40
_QR_PLACEHOLDER = b"no picture: the sandbox shows no screen"


def register() -> None:
    """Replace the actions that make and check codes."""
    replace("CreateVirtualMFADevice", _create)
    replace("GetMFADevice", _get)
    guard("EnableMFADevice", _two_codes)
    guard("ResyncMFADevice", _two_codes)


def is_code(user: str, serial: str, given: str, *, use_up: bool = True) -> bool:
    """Tell whether it is a code that the user's device shows now and that was not used before."""
    device = mfa_devices.get(serial)
    if device is None or device["User"] != user:
        return False
    current = totp.step_at(sandbox_clock.now().timestamp())
    used = device.get("LastStep", 0)
    if used > current + 1:  # the sandbox's clock was set back since
        used = 0
    for step in range(current - 1, current + 2):
        if step > used and totp.code(device["Base32StringSeed"], step) == given:
            if use_up:
                device["LastStep"] = step
            return True
    return False


def devices_of(user: str) -> list[str]:
    """Give the serial numbers of a user's devices."""
    return [serial for serial, device in mfa_devices.items() if device["User"] == user]


def _create(parameters: Parameters) -> dict[str, Any]:
    path, name = text(parameters, "Path", "/"), text(parameters, "VirtualMFADeviceName")
    serial = f"arn:aws:iam::{account_id()}:mfa{path}{name}"
    if serial in mfa_devices:
        raise Refused(
            409, "EntityAlreadyExists", f"MFADevice entity at the same path and name already exists: {name}"
        )
    seed = base64.b32encode(os.urandom(_SEED_BYTES)).decode()
    mfa_devices[serial] = {
        "SerialNumber": serial,
        "Path": path,
        "CreateDate": now(),
        "User": None,
        "EnableDate": None,
        "Base32StringSeed": seed,
        "Tags": [],
    }
    device = {"SerialNumber": serial, "Base32StringSeed": seed.encode(), "QRCodePNG": _QR_PLACEHOLDER}
    return {"VirtualMFADevice": device}


def _get(parameters: Parameters) -> dict[str, Any]:
    serial = text(parameters, "SerialNumber")
    device = mfa_devices.get(serial)
    user = text(parameters, "UserName") or (device or {}).get("User")
    if device is None or device["User"] != user:
        raise Refused(404, "NoSuchEntity", f"MFA device {serial} does not exist for user {user}.")
    return {"UserName": user, "SerialNumber": serial, "EnableDate": device["EnableDate"]}


def _two_codes(parameters: Parameters) -> None:
    device = mfa_devices.get(text(parameters, "SerialNumber"))
    # The emulator reports what does not exist.
    if device is None or text(parameters, "UserName") not in users:
        return
    given = (text(parameters, "AuthenticationCode1"), text(parameters, "AuthenticationCode2"))
    current = totp.step_at(sandbox_clock.now().timestamp())
    for step in range(current - 2, current + 1):
        shown = tuple(totp.code(device["Base32StringSeed"], each) for each in (step, step + 1))
        if shown == given:
            # Both codes are used up: neither can sign in afterwards.
            device["LastStep"] = step + 1
            return
    raise Refused(403, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
