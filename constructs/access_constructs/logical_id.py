"""Logical ids that come from declared names alone, so that no edit elsewhere ever replaces an identity."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-WYZa-z0-9]")


def logical_id(kind: str, name: str, part: str = "") -> str:
    """Give the CloudFormation logical id of a declared thing.

    Injective in `name` for one kind and part: letters and digits stand for themselves, every other ASCII
    character (and `X`) becomes `X` and two hexadecimal digits. `part` tells the resources of one construct apart.

    Raises:
        ValueError: `name` holds a character outside ASCII, which no IAM name may.
    """
    if not name.isascii():
        message = f"a declared name is ASCII; found `{name}`"
        raise ValueError(message)
    encoded = "".join(
        character if _PLAIN.fullmatch(character) else f"X{ord(character):02x}" for character in name
    )
    return f"{kind}{encoded}{part}"
