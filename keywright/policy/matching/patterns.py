"""Patterns of the policy language: `*` for any characters, `?` for exactly one, all else literal."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from keywright.policy.matching.memoize import memoized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_WILDCARD = re.compile(r"[*?]")


class Wildcard(Enum):
    """The two wildcards; literal `*` and `?` are plain characters of a string token."""

    ANY = "*"
    ONE = "?"


ANY, ONE = Wildcard.ANY, Wildcard.ONE
Piece = str | Wildcard


def pieces(text: str) -> tuple[Piece, ...]:
    """Split a text into literals and wildcards."""
    if "*" not in text and "?" not in text:
        return (text,) if text else ()
    found: list[Piece] = []
    end = 0
    for match in _WILDCARD.finditer(text):
        if match.start() > end:
            found.append(text[end : match.start()])
        found.append(Wildcard(match.group()))
        end = match.end()
    if end < len(text):
        found.append(text[end:])
    return tuple(found)


def normalized(parts: Iterable[Piece]) -> tuple[Piece, ...]:
    """Give the normal form: literals joined, a run of wildcards as its `?` followed by at most one `*`."""
    given = tuple(each for each in parts if each)
    if len(given) < 2:  # noqa: PLR2004 - one alone is normal
        return given
    found: list[Piece] = []
    for is_literal, run in groupby(given, key=_is_literal):
        if is_literal:
            found.append("".join(map(str, run)))
        else:
            wildcards = list(run)
            found.extend([ONE] * wildcards.count(ONE))
            found.extend([ANY] * (ANY in wildcards))
    return tuple(found)


def _is_literal(part: object) -> bool:
    return isinstance(part, str)


@dataclass(frozen=True)
class Glob:
    """A pattern in normal form; equivalent patterns are equal."""

    parts: tuple[Piece, ...]

    @classmethod
    def parse(cls, text: str) -> Glob:
        """Read `*` and `?` as wildcards."""
        return cls(normalized(pieces(text)))

    @classmethod
    def of(cls, parts: Iterable[Piece]) -> Glob:
        """Make a pattern of literals and wildcards."""
        return cls(normalized(parts))

    @property
    def literal(self) -> str | None:
        """The only matching text, if there are no wildcards."""
        if not self.parts:
            return ""
        only = self.parts[0]
        return only if len(self.parts) == 1 and isinstance(only, str) else None

    @property
    def is_everything(self) -> bool:
        """Whether every text matches."""
        return self.parts == (ANY,)

    @cached_property
    def matches(self) -> Callable[[str], bool]:
        """Tell whether a text matches, in time linear in text and pattern together.

        Each segment between two `*` is searched once, leftmost, without backtracking. Only a segment with `?` costs
        its length again for each character, 64 of them at a time.
        """
        literal = self.literal
        if literal is not None:
            return literal.__eq__
        if self.is_everything:
            return lambda _: True
        if len(self.parts) == 2 and self.parts[1] is ANY and isinstance(self.parts[0], str):  # noqa: PLR2004
            return _starting_with(self.parts[0])
        return _matcher(_segments(self.parts))

    def __str__(self) -> str:
        """Write the pattern; a literal wildcard character looks like a wildcard here."""
        return "".join(part if isinstance(part, str) else part.value for part in self.parts)


@dataclass(frozen=True)
class _Segment:
    """A part between two `*`: literals and `?`, of a fixed length."""

    parts: tuple[Piece, ...]

    @cached_property
    def length(self) -> int:
        return sum(len(part) if isinstance(part, str) else 1 for part in self.parts)

    @cached_property
    def plain(self) -> str | None:
        """The segment's text, when it has no `?`."""
        return "".join(map(str, self.parts)) if all(isinstance(part, str) for part in self.parts) else None

    @cached_property
    def _places(self) -> dict[str, int]:
        """For each character its possible positions, as bits; the empty text stands for all other characters."""
        anywhere, at, places = 0, 0, defaultdict[str, int](int)
        for part in self.parts:
            if part is ONE:
                anywhere |= 1 << at
                at += 1
            else:
                for character in str(part):
                    places[character] |= 1 << at
                    at += 1
        return {"": anywhere} | {character: bits | anywhere for character, bits in places.items()}

    def stands_at(self, text: str, start: int) -> bool:
        """Tell whether the segment matches at one position of a text that is long enough."""
        for part in self.parts:
            if part is not ONE and not text.startswith(str(part), start):
                return False
            start += 1 if part is ONE else len(str(part))
        return True

    def end_of_first(self, text: str, start: int, end: int) -> int:
        """Give the end of the leftmost match, or -1.

        With a `?`, all possible starts are followed at once, as bits of one number (the shift-and algorithm).
        """
        if self.plain is not None:
            found = text.find(self.plain, start, end)
            return found + self.length if found >= 0 else -1
        begun, whole, others = 0, 1 << self.length - 1, self._places[""]
        for at in range(start, end):
            begun = (begun << 1 | 1) & self._places.get(text[at], others)
            if begun & whole:
                return at + 1
        return -1


def _starting_with(prefix: str) -> Callable[[str], bool]:
    return lambda text: text.startswith(prefix)


def _segments(parts: tuple[Piece, ...]) -> list[_Segment]:
    split: list[list[Piece]] = [[]]
    for part in parts:
        if part is ANY:
            split.append([])
        else:
            split[-1].append(part)
    return [_Segment(tuple(each)) for each in split]


def _matcher(segments: list[_Segment]) -> Callable[[str], bool]:
    first, *middle, last = segments if len(segments) > 1 else [*segments, _Segment(())]
    fixed = len(segments) == 1
    shortest = sum(segment.length for segment in segments)

    def matches(text: str) -> bool:
        if len(text) < shortest or (fixed and len(text) != shortest) or not first.stands_at(text, 0):
            return False
        stop = len(text) - last.length
        if not last.stands_at(text, stop):
            return False
        at = first.length
        for segment in middle:
            at = segment.end_of_first(text, at, stop)
            if at < 0:
                return False
        return True

    return matches


def service_of(action: str) -> str:
    """Give the service prefix in lower case; "" without a colon."""
    service, colon, _ = action.partition(":")
    return service.lower() if colon else ""


@dataclass(frozen=True)
class ActionPattern:
    """A pattern of `Action` or `NotAction`; it never has variables."""

    text: str

    @cached_property
    def glob(self) -> Glob:
        """The pattern in lower case."""
        return Glob.parse(self.text.lower())

    @cached_property
    def covers(self) -> Callable[[str], bool]:
        """Tell whether it covers an action *in lower case*."""
        return self.glob.matches


@memoized
def action_pattern(text: str) -> ActionPattern:
    """Give the one pattern of a text, its parts computed once."""
    return ActionPattern(text)
