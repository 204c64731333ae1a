"""Values in a finding's text: each in backticks, and of many only the first few."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 6


def listed(values: Iterable[object], most: int = MOST) -> str:
    """List values once each; of many the first few, how many more there are, and a checksum of those.

    An exception that accepts the finding goes by this text, so that it ends where any of the values changes.
    """
    shown = list(dict.fromkeys(f"`{each}`" for each in values))
    first, rest = shown[:most], shown[most:]
    more = f" and {len(rest)} more (#{crc32(', '.join(rest).encode()):08x})" if rest else ""
    return ", ".join(first) + more
