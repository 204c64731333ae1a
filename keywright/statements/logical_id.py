"""Logical IDs made from declared names alone, so that no other edit replaces an identity."""

from __future__ import annotations

import re

from keywright.reporting.text import refusal

_KIND = re.compile(r"[A-Z][A-Za-z1-9]*")
_PART = re.compile(r"[A-Z][A-Za-z0-9]*")
_OTHER = re.compile(r"[^A-WYZa-z0-9]")
_LONGEST = 255


def reference(kind: str, name: str) -> dict[str, str]:
    """Refer to a declared thing in its own stack, for raw properties: its construct's `ref` would cost a call to Node.

    Raises:
        ValueError: See `logical_id`.
    """
    return {"Ref": logical_id(kind, name)}


def logical_id(kind: str, name: str, part: str = "") -> str:
    """Give the CloudFormation logical ID of a declared thing, such as `User0alice` or `Key0scannerXSerial1`.

    Injective in all three arguments. The first `0` ends the kind. Letters and digits of the name stay, every other ASCII
    character (and `X`) becomes `X` and two lower-case hexadecimal digits; an `X` followed by a capital therefore begins
    `part`, which distinguishes the resources of one declared thing.

    Raises:
        ValueError: The name contains a character outside ASCII, which no IAM name can; kind or part is no word; the ID
            would be longer than the 255 characters that CloudFormation accepts.
    """
    if not _KIND.fullmatch(kind) or (part and not _PART.fullmatch(part)):
        raise refusal(
            "kind and part of a logical id are words with a capital",
            found=f"`{kind}`, `{part}`",
            accepted="letters and digits, in the kind no `0`",
        )
    if not name.isascii():
        raise refusal("a declared name is ASCII", found=f"`{name}`", accepted="letters, digits and `+=,.@_-`")
    encoded = _OTHER.sub(lambda found: f"X{ord(found[0]):02x}", name)
    whole = f"{kind}0{encoded}X{part}" if part else f"{kind}0{encoded}"
    if len(whole) > _LONGEST:
        raise refusal(
            "a declared name is too long for a logical id",
            found=f"{len(whole)} characters",
            accepted=f"at most {_LONGEST}",
        )
    return whole
