"""Sets of IP addresses: both versions on one line of integers, version 6 above version 4."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from keywright.policy.conditions import network
from keywright.reasoning.intervals import Intervals, span

if TYPE_CHECKING:
    from keywright.reasoning.intervals import Number

_VERSION_4 = 1 << 32
_ALL = span(0, _VERSION_4 + (1 << 128))


def addresses_in(text: str) -> Intervals | None:
    """Give the addresses of a block or of one address; None when the text is neither."""
    block = network(text)
    if block is None:
        return None
    low = int(block.network_address) + (_VERSION_4 if block.version == 6 else 0)  # noqa: PLR2004
    return span(low, low + block.num_addresses)


def all_addresses() -> Intervals:
    """Give every address of both versions."""
    return _ALL


def address_text(number: Number) -> str:
    """Write the address that an integer of the line stands for."""
    whole = int(number)
    if whole < _VERSION_4:
        return str(ipaddress.IPv4Address(whole))
    return str(ipaddress.IPv6Address(whole - _VERSION_4))
