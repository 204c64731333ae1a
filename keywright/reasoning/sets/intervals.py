"""Sets of numbers as unions of intervals: numbers, times in Unix seconds, IP addresses as integers."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from keywright.policy.conditions import network

if TYPE_CHECKING:
    from collections.abc import Iterable


Number = int | Decimal
Cut = tuple[Number, bool]
"""A place on the number line: just before a number, or (True) just after it."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """The line is cut at `cuts`, in ascending order.

    Membership changes at each cut, starting with `from_below`.
    """

    cuts: tuple[Cut, ...] = ()
    from_below: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the set is empty."""
        return not self.cuts and not self.from_below

    def __invert__(self) -> Intervals:
        """Return the complement."""
        return Intervals(self.cuts, not self.from_below)

    def __and__(self, other: Intervals) -> Intervals:
        """Return the intersection."""
        return _merged(self, other, both=True)

    def __or__(self, other: Intervals) -> Intervals:
        """Return the union."""
        return _merged(self, other, both=False)

    def __contains__(self, number: Number) -> bool:
        """Return whether a number is in the set."""
        passed = sum(cut <= (number, False) for cut in self.cuts)
        return self.from_below ^ (passed % 2 == 1)

    def sample(self) -> Number | None:
        """Return a number of the set, preferably one that a bound names; None where it is empty."""
        if self.is_empty:
            return None
        if not self.cuts:
            return 0
        if self.from_below:
            number, is_after = self.cuts[0]
            return number if is_after else number - 1
        return _between(self.cuts[0], self.cuts[1] if len(self.cuts) > 1 else None)


EVERY_NUMBER = Intervals((), from_below=True)
NO_NUMBER = Intervals()


def point(number: Number) -> Intervals:
    """Return the set of one number."""
    return Intervals(((number, False), (number, True)))


def below(number: Number, *, inclusive: bool) -> Intervals:
    """Return all numbers up to a bound."""
    return Intervals(((number, inclusive),), from_below=True)


def above(number: Number, *, inclusive: bool) -> Intervals:
    """Return all numbers from a bound on."""
    return Intervals(((number, not inclusive),))


def span(low: int, end: int) -> Intervals:
    """Return the integers from `low` up to, but not including, `end`."""
    return Intervals(((low, False), (end, False)))


def union(parts: Iterable[Intervals]) -> Intervals:
    """Return the union of all parts, merged pairwise so that many parts cost little more than a few."""
    level = list(parts) or [NO_NUMBER]
    while len(level) > 1:
        pairs = zip(level[::2], [*level[1::2], NO_NUMBER], strict=False)
        level = [one | other for one, other in pairs]
    return level[0]


def _between(low: Cut, high: Cut | None) -> Number:
    number, is_after = low
    if not is_after:
        return number
    if high is None:
        return number + 1
    if high[1]:
        return high[0]
    middle = Decimal(number + high[0]) / 2
    return int(middle) if middle == int(middle) else middle


def _merged(one: Intervals, other: Intervals, *, both: bool) -> Intervals:
    inside, outside = one.from_below, other.from_below
    is_in = (inside and outside) if both else (inside or outside)
    start, cuts = is_in, []
    own, its = set(one.cuts), set(other.cuts)
    for cut in sorted(own | its):
        inside ^= cut in own
        outside ^= cut in its
        now = (inside and outside) if both else (inside or outside)
        if now != is_in:
            cuts.append(cut)
            is_in = now
    return Intervals(tuple(cuts), start)


_VERSION_4 = 1 << 32
_ALL = span(0, _VERSION_4 + (1 << 128))


def addresses_in(text: str) -> Intervals | None:
    """Return the addresses of a CIDR block or of one address; None where the text is neither."""
    block = network(text)
    if block is None:
        return None
    low = int(block.network_address) + (_VERSION_4 if block.version == 6 else 0)  # noqa: PLR2004
    return span(low, low + block.num_addresses)


def all_addresses() -> Intervals:
    """Return all addresses of both versions."""
    return _ALL


def address_text(number: Number) -> str:
    """Return the address that an integer on the line stands for."""
    whole = int(number)
    if whole < _VERSION_4:
        return str(ipaddress.IPv4Address(whole))
    return str(ipaddress.IPv6Address(whole - _VERSION_4))
