"""Time-based one-time passwords (RFC 6238) as IAM's virtual MFA devices use them: SHA-1, 30 seconds, 6 digits."""

from __future__ import annotations

import base64
import hmac
import struct

SECONDS = 30
DIGITS = 6


def step_at(timestamp: float) -> int:
    """Give the number of the 30-second step that contains a time."""
    return int(timestamp) // SECONDS


def code(seed: str, step: int) -> str:
    """Give the code of a device with this base32 seed in a step."""
    digest = hmac.digest(base64.b32decode(seed), struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
