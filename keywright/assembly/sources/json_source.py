"""JSON with locations: decoded by the standard library, for speed; locations are computed on demand."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.source import (
    MOST_NODES,
    Lines,
    Node,
    Source,
    Span,
    Step,
    refuse_excess,
    refuse_lone_surrogates,
    unreadable,
)
from keywright.reporting.finding import Location

if TYPE_CHECKING:
    from collections.abc import Collection

_BLANK = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]', re.DOTALL)


class _RepeatedKeyError(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


# Python keeps the last of two equal keys; another parser may keep the first, and then deploy what was not
# checked.
def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        counted = Counter(key for key, _ in pairs)
        raise _RepeatedKeyError(next(key for key, count in counted.items() if count > 1))
    return members


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=str, parse_float=str, parse_constant=str, strict=False
)
_WALKER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)
"""Scans a value again, to find its end."""


class JsonSource(Source):
    """A JSON file; a container is scanned again only when a location inside it is needed."""

    def __init__(self, characters: str, file: str, tree: Node) -> None:
        self.file = file
        self.tree = tree
        self.size = len(characters.encode())
        self.characters = characters
        self._members: dict[int, dict[Step, tuple[int, int]]] = {}

    @cached_property
    def _lines(self) -> Lines:
        return Lines.of(self.characters)

    @classmethod
    def of(cls, characters: str, file: str, most: int = MOST_NODES) -> JsonSource:
        """Parse a text with at most `most` values.

        Raises:
            UnreadableError: It is not JSON, names a key twice, or is beyond the limits of `source`.
        """
        tree = _decoded(characters, file)
        refuse_excess(tree, file, most)
        refuse_lone_surrogates(tree, characters, file)
        return cls(characters, file, tree)

    def locate(self, *path: Step) -> Location:
        """Give the location of the value at `path`, or of the nearest parent."""
        place = value = _skip(self.characters, 0)
        for step in path:
            members = self._members_at(value)
            if step not in members and step == 0:
                continue  # one alone, where a list may stand
            if step not in members:
                break
            place, value = members[step]
        return self._lines.at(self.file, place)

    def span(self, *path: Step) -> Span | None:
        """Give the characters of the value at exactly `path`."""
        place = value = _skip(self.characters, 0)
        for step in path:
            members = self._members_at(value)
            if step not in members:
                return None
            place, value = members[step]
        end = _WALKER.raw_decode(self.characters, value)[1]
        key = (place, _WALKER.raw_decode(self.characters, place)[1]) if place != value else None
        return Span(value, value, end, key)

    def text_without(self, section: str, names: Collection[str]) -> str:
        """Give the text without some members of a section; every location of the others stays."""
        if not names:
            return self.characters
        start = self._members_at(_skip(self.characters, 0))[section][1]
        end = _WALKER.raw_decode(self.characters, start)[1] - 1
        kept = [
            (place, _WALKER.raw_decode(self.characters, value)[1])
            for name, (place, value) in self._members_at(start).items()
            if name not in names
        ]
        parts, at = [self.characters[: start + 1]], start + 1
        for number, (place, after) in enumerate(kept):
            parts += _blank(self.characters[at:place]), self.characters[place:after]
            at = after
            if number + 1 < len(kept):
                at = _skip(self.characters, after) + 1
                parts.append(self.characters[after:at])
        return "".join((*parts, _blank(self.characters[at:end]), self.characters[end:]))

    def _members_at(self, start: int) -> dict[Step, tuple[int, int]]:
        if start not in self._members:
            self._members[start] = _members(self.characters, start)
        return self._members[start]


def _decoded(characters: str, file: str) -> Node:
    try:
        tree: Node = _DECODER.decode(characters)
    except json.JSONDecodeError as error:
        place = Location(file, error.lineno, error.colno)
        raise unreadable(place, f"the file is not JSON: {error.msg[:1].lower()}{error.msg[1:]}") from error
    except _RepeatedKeyError as error:
        raise unreadable(
            _place_of_repeated(characters, file, error.key),
            f"the key `{error.key}` is repeated in one object",
            accepted="each key once",
        ) from error
    except RecursionError as error:
        raise unreadable(Location(file), "values are nested too deeply") from error
    return tree


def _place_of_repeated(characters: str, file: str, key: str) -> Location:
    """Find the first object that names `key` twice; slow, and only used to report an error."""
    lines, objects = Lines.of(characters), list[set[str]]()
    for token in _TOKEN.finditer(characters):
        if token[0] in "{[":
            objects.append(set())
        elif token[0] in "}]" and objects:
            objects.pop()
        elif token[0][0] == '"' and objects and characters.startswith(":", _skip(characters, token.end())):
            name = _DECODER.raw_decode(characters, token.start())[0]
            if name == key and name in objects[-1]:
                return lines.at(file, token.start())
            objects[-1].add(name)
    return Location(file)


def _blank(characters: str) -> str:
    """Give a blank text that ends at the same line and column."""
    return "\n" * characters.count("\n") + " " * (len(characters) - characters.rfind("\n") - 1)


def _skip(characters: str, at: int) -> int:
    found = _BLANK.match(characters, at)
    return found.end() if found else at


def _members(characters: str, start: int) -> dict[Step, tuple[int, int]]:
    """Give the offsets of each member of the container at `start`: its own (its key's, in an object) and its value's."""
    places: dict[Step, tuple[int, int]] = {}
    opening = characters[start]
    if opening not in "{[":
        return places
    at = _skip(characters, start + 1)
    while characters[at] not in "}]":
        step: Step = len(places)
        value = at
        if opening == "{":
            step, end = _WALKER.raw_decode(characters, at)
            value = _skip(characters, _skip(characters, end) + 1)
        places[step] = (at, value)
        at = _skip(characters, _WALKER.raw_decode(characters, value)[1])
        if characters[at] == ",":
            at = _skip(characters, at + 1)
    return places
