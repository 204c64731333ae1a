"""How one policy value compares with one value of the request, for each family of condition operators.

Source: "IAM JSON policy elements: Condition operators". A test answers yes or no, or maybe where one of the two
values can't be read as what the operator compares.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from keywright.policy.arn import matcher, split_tokens
from keywright.policy.glob import Glob, Piece, Wildcard
from keywright.policy.memory import remembered
from keywright.policy.operators import Family
from keywright.policy.truth import MAYBE, NO, YES, Truth, truth

if TYPE_CHECKING:
    from keywright.policy.operators import Operator

Test = Callable[[str], Truth]
Order = Callable[[Decimal, Decimal], bool]

_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})")
_DATE = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"(T(?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS = re.compile(r"-?\d{5,19}(\.\d{1,9})?")
ORDERS: dict[str, Order] = {
    "equals": operator.eq,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}


@remembered
def number(text: str) -> Decimal | None:
    """Read an integer or decimal; None when it is none."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@remembered
def instant(text: str) -> Decimal | None:
    """Read a date in ISO 8601 (W3C profile) or in Unix seconds, as Unix seconds; None when it is neither.

    A time without a zone is taken as UTC, a date without a time as its first moment.
    """
    if _EPOCH_SECONDS.fullmatch(text):
        return Decimal(text)
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return _seconds(match)
    except (ValueError, OverflowError):
        return None


def _seconds(match: re.Match[str]) -> Decimal:
    part = match.groupdict()
    moment = datetime(
        int(part["year"]),
        int(part["month"] or 1),
        int(part["day"] or 1),
        int(part["hour"] or 0),
        int(part["minute"] or 0),
        int(part["second"] or 0),
        tzinfo=UTC,
    )
    whole = (moment - _EPOCH) // timedelta(seconds=1) - _offset(part["zone"] or "Z")
    return whole + Decimal(f"0.{part['fraction'] or 0}")


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds


_NETWORK = re.compile(r"[0-9A-Fa-f:.]+(/\d{1,3})?")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@remembered
def network(text: str) -> Network | None:
    """Read an address or CIDR block of either version; bits beyond the prefix are dropped; None when it is neither.

    Masks written as addresses and zones, which Python takes, are neither.
    """
    if not _NETWORK.fullmatch(text):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def test_of(operator: Operator, parts: tuple[Piece, ...]) -> Test:
    """Make the positive test of one policy value (its variables written in) for any operator but `Null`."""
    family = operator.family
    if family is Family.ARN or operator.relation == "like":
        return _pattern_test(family, parts)
    wanted = spelled(parts)
    if family in _READERS:
        return _ordered(_READERS[family], ORDERS[operator.relation], wanted)
    if operator.relation == "equalsignorecase":
        return compare_ignoring_case(wanted)
    return _BY_FAMILY[family](wanted)


def spelled(parts: tuple[Piece, ...]) -> str:
    """Give the text of a value for which wildcards are plain characters."""
    return "".join(part.value if isinstance(part, Wildcard) else part for part in parts)


def _pattern_test(family: Family, parts: tuple[Piece, ...]) -> Test:
    if not any(isinstance(part, Wildcard) for part in parts):
        wanted = spelled(parts)
        return lambda value: YES if value == wanted else NO
    if family is Family.ARN:
        matches = matcher(tuple(Glob.of(field) for field in split_tokens(parts)))
    else:
        matches = Glob.of(parts).matches
    return lambda value: YES if matches(value) else NO


def _ordered(read: Callable[[str], Decimal | None], order: Order, wanted: str) -> Test:
    bound = read(wanted)

    def test(value: str) -> Truth:
        found = read(value)
        return MAYBE if bound is None or found is None else truth(order(found, bound))

    return test


def compare_booleans(wanted: str) -> Test:
    """Compare as true or false, in any case."""
    lowered = wanted.lower()
    if lowered not in {"true", "false"}:
        return lambda _: MAYBE
    return lambda value: truth(value.lower() == lowered)


def compare_bytes(wanted: str) -> Test:
    """Compare what two base64 texts hold."""
    bytes_wanted = _decoded(wanted)

    def test(value: str) -> Truth:
        found = _decoded(value)
        return MAYBE if bytes_wanted is None or found is None else truth(found == bytes_wanted)

    return test


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def compare_addresses(wanted: str) -> Test:
    """Tell whether an address lies within a block; versions never mix."""
    block = network(wanted)

    def test(value: str) -> Truth:
        found = network(value)
        if block is None or found is None:
            return MAYBE
        if found.version != block.version:
            return NO
        return truth(within(found, block))

    return test


def within(inner: Network, outer: Network) -> bool:
    """Tell whether one block lies in another; blocks of different versions don't."""
    if inner.version != outer.version or inner.prefixlen < outer.prefixlen:
        return False
    shift = outer.max_prefixlen - outer.prefixlen
    return int(inner.network_address) >> shift == int(outer.network_address) >> shift


def compare_exactly(wanted: str) -> Test:
    """Compare character by character."""
    return lambda value: YES if value == wanted else NO


def compare_ignoring_case(wanted: str) -> Test:
    """Compare without regard to case."""
    lowered = wanted.lower()
    return lambda value: YES if value.lower() == lowered else NO


_READERS = {Family.NUMERIC: number, Family.DATE: instant}
_BY_FAMILY = {
    Family.STRING: compare_exactly,
    Family.BOOL: compare_booleans,
    Family.BINARY: compare_bytes,
    Family.IP_ADDRESS: compare_addresses,
}
READABLE: dict[Family, Callable[[str], bool]] = {
    Family.NUMERIC: lambda text: number(text) is not None,
    Family.DATE: lambda text: instant(text) is not None,
    Family.BOOL: lambda text: text.lower() in {"true", "false"},
    Family.NULL: lambda text: text.lower() in {"true", "false"},
    Family.BINARY: lambda text: _decoded(text) is not None,
    Family.IP_ADDRESS: lambda text: network(text) is not None,
}
"""Whether a policy value is what its operator compares; families that compare any text are not listed."""
