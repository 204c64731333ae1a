"""The sizes of policies and names, as far as a template determines them.

Source: "IAM and AWS STS quotas", IAM User Guide: white space in a policy does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import (
    ABSENT,
    Absent,
    Alternatives,
    Encoded,
    Text,
    Unknown,
    Value,
    possible_values,
    value_at,
)
from keywright.policy.matching.context import Truth

if TYPE_CHECKING:
    from keywright.assembly.templates.policy_documents import Policy

_SPACE = re.compile(r"\s+")
_SHORTEST = {"AWS::AccountId": 12, "AWS::Partition": 3, "AWS::Region": 9, "AWS::URLSuffix": 13}
_LIKELY = 40
"""Assumed maximum length of an unknown part, such as the name of a role."""


@dataclass(frozen=True)
class Size:
    """The minimum number of characters, and the likely maximum."""

    least: int
    likely: int

    def __add__(self, other: Size) -> Size:
        return Size(self.least + other.least, self.likely + other.likely)

    def exceeds(self, most: int) -> Truth:
        """Return whether the size exceeds a limit; maybe if that depends on values known only at deployment."""
        if self.least > most:
            return Truth.YES
        return Truth.MAYBE if self.likely > most else Truth.NO


ZERO = Size(0, 0)


def size_of_text(value: Text) -> Size:
    """Measure a text."""
    sizes = (_unknown(each) if isinstance(each, Unknown) else (len(each), len(each)) for each in value.parts)
    return Size(*_sum(sizes, 0))


def _unknown(part: Unknown) -> tuple[int, int]:
    if part.reference in _SHORTEST:
        return _SHORTEST[part.reference], _SHORTEST[part.reference] + 2
    return 1, _LIKELY


def size_of_policy(policy: Policy) -> Size:
    """Measure a policy document as it is sent; of several possible values, the shortest is the minimum."""
    value = policy.holder.properties.get(str(policy.path[1]), ABSENT)
    rest = [step for step in policy.path[2:] if isinstance(step, str | int)]
    sizes = [_size(_at(each, rest)) for each in possible_values(value)]
    return Size(min(least for least, _ in sizes), max(likely for _, likely in sizes)) if sizes else ZERO


def _at(value: Value, steps: list[str | int]) -> Value:
    """Return the value at a path; a single item is accepted instead of a list."""
    for step in steps:
        value = value if isinstance(step, int) and not isinstance(value, tuple) else value_at(value, step)
    return value


def _size(value: Value) -> tuple[int, int]:
    """Return the minimum and likely size of a value. Tuples, as a policy has hundreds of values."""
    match value:
        case Text():
            return _sum(map(_piece, value.parts), 2)
        case Mapping():
            names = sum(len(encode_basestring_ascii(key)) + 2 for key in value)
            return _sum(map(_size, value.values()), names + (1 if value else 2))
        case tuple():
            return _sum(map(_size, value), len(value) + (1 if value else 2))
        case Unknown():
            return _unknown(value)
        case Absent() | Encoded() | Alternatives():
            return 0, 0


def _sum(sizes: Iterable[tuple[int, int]], fixed: int) -> tuple[int, int]:
    least = likely = fixed
    for one, other in sizes:
        least += one
        likely += other
    return least, likely


def _piece(part: str | Unknown) -> tuple[int, int]:
    if isinstance(part, Unknown):
        return _unknown(part)
    count = len(encode_basestring(_SPACE.sub("", part))) - 2
    return count, count
