"""How patterns match user names, and which names they distinguish, as far as this is supported.

A pattern is supported where it matches every name at a position or none, one name, or names with a common
prefix. Comparison ignores case, so that no operator that ignores case is missed.
Every other pattern raises `UnsupportedPatternError`, from any function here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.conditions import Family
from keywright.policy.matching.patterns import ANY, ONE
from keywright.policy.matching.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from keywright.policy.conditions import Condition
    from keywright.policy.matching.variables import Token

PLAIN_NAME = re.compile(r"[\w+=.@-]+", re.ASCII)
"""A name without characters that end a name in a pattern, and without parts that are known only at
deployment.
"""
BY_ARN = "aws:principalarn"
USER_NAME = "aws:username"
USER_ID = "aws:userid"

_NAME_ENDS = re.compile(r"[/:,]")
_FIELDS = 6
_NAME, _OTHER, _ANY, _ONE = "\ue0f0", "\ue0f1", "\ue0f2", "\ue0f3"
"""Private-use characters that represent a user's name, another variable, and the two wildcards."""
_OPEN = re.compile(f"[{_NAME}{_OTHER}{_ANY}{_ONE}]")
_SPELLED = {ANY: _ANY, ONE: _ONE}
_ANYTHING = re.compile(f"[/:,]*[{_ANY}{_OTHER}][{_ANY}{_OTHER}/:,]*")
"""Wildcards and other variables, which may be any text, separated only by characters that no name
contains.
"""
_USERS = ("arn", _ANY, "iam", "", _ANY)
"""The fields before the last one of any user's ARN."""
_USER = "user/"


class UnsupportedPatternError(Exception):
    """A pattern may distinguish names in a way that is not supported."""


@dataclass(frozen=True)
class NamePosition:
    """Where a text can contain a name: its leading fields and the prefix in the last field, in lower case."""

    leading: tuple[str, ...]
    before: str


@dataclass(frozen=True)
class Pattern:
    """A pattern of an ARN or of any text, in private-use characters: its leading fields and the rest."""

    leading: tuple[str, ...]
    rest: str
    is_arn: bool = True

    @cached_property
    def lowered(self) -> str:
        """The rest in lower case, with every character at its position."""
        return self.rest.lower()

    @cached_property
    def literal(self) -> str:
        """The text before the first wildcard or variable, in lower case."""
        return _OPEN.split(self.lowered, maxsplit=1)[0]

    @property
    def is_short(self) -> bool:
        """Whether it has fewer fields than an ARN."""
        return self.is_arn and len(self.leading) < _FIELDS - 1

    @cached_property
    def is_open(self) -> bool:
        """Whether it matches more than one text."""
        return bool(_OPEN.search("".join((*self.leading, self.rest))))

    def may_meet(self, leading: Sequence[str]) -> bool:
        """Return whether a text with these leading fields may match; an over-approximation."""
        if self.leading == leading or len(self.leading) != len(leading):
            return self.leading == leading
        return all(
            one == other or _OPEN.search(one + other)
            for one, other in zip(self.leading, leading, strict=True)
        )

    @property
    def position(self) -> NamePosition | None:
        """The position of the name variable; None where the pattern has none."""
        if _NAME not in self.rest:
            return None
        before, *after = self.lowered.split(_NAME)
        ends = not after[0] or _NAME_ENDS.match(after[0])
        if self.is_short or len(after) > 1 or _OPEN.search(before) or not ends:
            raise UnsupportedPatternError
        return NamePosition(self.leading, before)


def arn_pattern(parts: Iterable[Token]) -> Pattern:
    """Read a pattern whose wildcards stay within a leading field."""
    *leading, rest = _shape(parts).split(":", _FIELDS - 1)
    if any(mark in each for each in leading for mark in (_NAME, _OTHER)):
        raise UnsupportedPatternError
    return Pattern(tuple(each.lower() for each in leading), rest)


def whole_pattern(parts: Iterable[Token]) -> Pattern:
    """Read the pattern of an ARN whose wildcards cross fields."""
    found = arn_pattern(parts)
    if _OPEN.search("".join((*found.leading, found.rest.removesuffix(_ANY)))):
        raise UnsupportedPatternError
    return found


def values_of(test: Condition) -> list[Pattern]:
    """Read the values of a condition as patterns."""
    family = test.operator.family if test.operator else None
    if family is Family.NULL:
        return []
    if test.lowered_key == BY_ARN and family in {Family.ARN, Family.STRING}:
        return [*map(arn_pattern if family is Family.ARN else whole_pattern, test.tokens)]
    if family is not Family.STRING:
        raise UnsupportedPatternError
    return [Pattern((), _shape(parts), is_arn=False) for parts in test.tokens]


def value_pattern(text: str) -> Pattern:
    """Read a text that conditions are compared with."""
    return Pattern((), _shape((text,)), is_arn=False)


def has_name_variable(test: Condition) -> bool:
    """Return whether a value of a condition has a variable for the principal."""
    keys = {part.key for parts in test.tokens for part in parts if isinstance(part, Variable)}
    return not keys.isdisjoint({USER_NAME, BY_ARN})


def are_disjoint_prefixes(one: str, other: str) -> bool:
    """Return whether no text starts with both."""
    return not one.startswith(other) and not other.startswith(one)


def _shape(parts: Iterable[Token]) -> str:
    return "".join(map(_spelled, parts))


def _spelled(part: Token) -> str:
    if isinstance(part, Variable):
        if part.key == BY_ARN:
            raise UnsupportedPatternError
        return _NAME if part.key == USER_NAME else _OTHER
    if not isinstance(part, str):
        return _SPELLED[part]
    if not part.isascii():
        raise UnsupportedPatternError
    return part


@dataclass
class NameDistinctions:
    """What distinguishes names. Two names with the same marks can be swapped in every text that was checked.

    `comparisons_left` is the remaining budget of comparisons.
    """

    comparisons_left: int
    _exactly: dict[str, set[tuple[Hashable, str]]] = field(default_factory=dict)
    _beginnings: dict[str, set[tuple[Hashable, str]]] = field(default_factory=dict)

    def of(self, name: str) -> frozenset[Hashable]:
        """Return the marks of a name; a name that appears in different case elsewhere gets its own marks."""
        lowered = name.lower()
        exactly = ((mark, spelled == name or spelled) for mark, spelled in self._exactly.get(lowered, ()))
        beginnings = (
            (mark, name.startswith(spelled))
            for beginning, marks in self._beginnings.items()
            if lowered.startswith(beginning)
            for mark, spelled in marks
        )
        return frozenset((*exactly, *beginnings))

    def spend(self, comparisons: int) -> None:
        """Count comparisons."""
        self.comparisons_left -= comparisons
        if self.comparisons_left < 0:
            raise UnsupportedPatternError

    def distinguish(self, name: str, mark: Hashable) -> None:
        """Distinguish one name from all names without the mark."""
        self._exactly.setdefault(name.lower(), set()).add((mark, name))

    def distinguish_text(self, text: str, mark: Hashable) -> None:
        """Distinguish the name or prefix at the position of a name in a pattern, with the text after it."""
        end = _NAME_ENDS.search(text)
        name, after = (text[: end.start()], text[end.start() :]) if end else (text, "")
        if not _OPEN.search(name):
            self.distinguish(name, (mark, after))
        elif text.endswith(_ANY) and not _OPEN.search(text[:-1]):
            self._beginnings.setdefault(text[:-1].lower(), set()).add((mark, text[:-1]))
        else:
            raise UnsupportedPatternError

    def check(self, pattern: Pattern, position: NamePosition, element: Hashable) -> None:
        """Check what a pattern matches of the texts with a name at a position.

        `element` is the element it is part of.
        """
        before, literal = position.before, pattern.literal
        if (
            are_disjoint_prefixes(before, literal)
            or pattern.is_short
            or not pattern.may_meet(position.leading)
        ):
            return
        if before.startswith(literal) and _ANYTHING.fullmatch(pattern.rest, len(literal)):
            return
        if literal.startswith(before):
            if not pattern.rest.startswith(_NAME, len(before)):
                self.distinguish_text(
                    pattern.rest[len(before) :], (element, pattern.leading, pattern.rest[: len(before)])
                )
        elif pattern.is_open and pattern.lowered != literal + _NAME:
            raise UnsupportedPatternError

    def check_user_arn(self, pattern: Pattern, element: Hashable) -> None:
        """Check the last part of a user's ARN, in any path: user names are unique within an account."""
        literal, start = pattern.literal, pattern.rest.rfind("/") + 1
        last, ends_open = pattern.rest[start:], pattern.lowered == literal + _ANY
        if pattern.is_short:
            if pattern.is_open and not ends_open:
                raise UnsupportedPatternError
            return
        if are_disjoint_prefixes(literal, _USER) or not pattern.may_meet(_USERS) or last == _NAME:
            return
        if (last == _ANY and start) or (ends_open and _USER.startswith(literal)):
            return
        if _OPEN.search(last) and not ends_open:
            raise UnsupportedPatternError
        self.distinguish_text(last, (element, pattern.leading, pattern.rest[:start]))

    def distinguish_nested(self, positions: Iterable[NamePosition]) -> None:
        """Distinguish the names that would lead from one position of names into another."""
        befores = {each.before for each in positions}
        self.spend(len(befores) ** 2)
        for one in befores:
            for other in befores:
                if one != other and other.startswith(one):
                    name = other[len(one) :]
                    if not _NAME_ENDS.search(name):
                        raise UnsupportedPatternError
                    self.distinguish_text(name, ("on the way", other))
