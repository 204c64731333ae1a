"""How long policies and names come out, as far as a template tells.

Source: "IAM and AWS STS quotas", IAM User Guide: white space in a policy does not count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.value import (
    ABSENT,
    Absent,
    Alternatives,
    Encoded,
    Text,
    Unknown,
    Value,
    readings,
    within,
)
from keywright.policy.truth import Truth

if TYPE_CHECKING:
    from keywright.assembly.document import Policy

_SPACE = re.compile(r"\s+")
_SHORTEST = {"AWS::AccountId": 12, "AWS::Partition": 3, "AWS::Region": 9, "AWS::URLSuffix": 13}
_LIKELY = 40
"""Characters that an unknown part may well have: the name of a role, an ARN's end."""


@dataclass(frozen=True)
class Size:
    """At least so many characters, and likely no more than so many."""

    least: int
    likely: int

    def __add__(self, other: Size) -> Size:
        return Size(self.least + other.least, self.likely + other.likely)

    def exceeds(self, most: int) -> Truth:
        """Tell whether it is over a limit; maybe where that hangs on what only the deployment knows."""
        if self.least > most:
            return Truth.YES
        return Truth.MAYBE if self.likely > most else Truth.NO


NONE = Size(0, 0)


def size_of_text(value: Text) -> Size:
    """Measure a text."""
    found = NONE
    for part in value.parts:
        found += _unknown(part) if isinstance(part, Unknown) else Size(len(part), len(part))
    return found


def _unknown(part: Unknown) -> Size:
    if part.reference in _SHORTEST:
        return Size(_SHORTEST[part.reference], _SHORTEST[part.reference] + 2)
    return Size(1, _LIKELY)


def size_of_policy(policy: Policy) -> Size:
    """Measure a policy's document as it is sent; of several ways to come out, the shortest counts for certain."""
    value = policy.holder.properties.get(str(policy.path[1]), ABSENT)
    rest = [step for step in policy.path[2:] if isinstance(step, str | int)]
    sizes = [_size(_at(each, rest)) for each in readings(value)]
    return Size(min(each.least for each in sizes), max(each.likely for each in sizes)) if sizes else NONE


def _at(value: Value, steps: list[str | int]) -> Value:
    """Walk down; a single item may stand where a list is expected."""
    for step in steps:
        value = value if isinstance(step, int) and not isinstance(value, tuple) else within(value, step)
    return value


def _size(value: Value) -> Size:
    match value:
        case Text():
            return sum((_piece(part) for part in value.parts), Size(2, 2))
        case Mapping():
            members = (_fixed(len(json.dumps(key)) + 2) + _size(item) for key, item in value.items())
            return sum(members, _fixed(1 if value else 2))
        case tuple():
            return sum((_size(item) + _fixed(1) for item in value), _fixed(1 if value else 2))
        case Unknown():
            return _unknown(value)
        case Absent() | Encoded() | Alternatives():
            return NONE


def _piece(part: str | Unknown) -> Size:
    if isinstance(part, Unknown):
        return _unknown(part)
    return _fixed(len(json.dumps(_SPACE.sub("", part), ensure_ascii=False)) - 2)


def _fixed(count: int) -> Size:
    return Size(count, count)
