"""Strict JSON, and the locations of JSON pointers in its text, found only when they are needed."""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


LARGEST_TEXT = 16 * 1024 * 1024
"""Characters; AWS's largest policies have 20,480. The limit bounds time and memory."""

_LEXEME = re.compile(r'\s*("(?:[^"\\]++|\\.)*+"|[\[\]{},:]|[^\s\[\]{},:"]++)', re.DOTALL)


@dataclass(frozen=True)
class JsonText:
    """A text from a file, or the part of one that starts at `first_line`."""

    text: str
    file: str
    first_line: int = 1

    def location(self, offset: int) -> Location:
        """Give line and column of a character."""
        line = bisect_right(self._line_starts, offset) - 1
        return Location(self.file, self.first_line + line, offset - self._line_starts[line] + 1)

    def locate(self, pointers: Iterable[str]) -> dict[str, Location]:
        """Give the locations of JSON pointers, or of their nearest parents.

        One pass over the text, for any number of pointers.
        """
        found: dict[str, int] = {}
        tree = _tree(wanted := set(pointers))
        open_nodes: list[_Tree] = [tree]
        for depth, key, offset in _walk(self.text):
            del open_nodes[depth + 1 :]
            node = open_nodes[depth].children.get(str(key), _NOWHERE) if depth else tree
            open_nodes.append(node)
            for pointer in node.pointers:
                found[pointer] = offset
        return {pointer: self.location(found.get(pointer, 0)) for pointer in wanted}

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]


@dataclass
class _Tree:
    """Pointers by their parts; each node lists every pointer that leads through it, so that the deepest one wins."""

    children: dict[str, _Tree] = field(default_factory=dict)
    pointers: list[str] = field(default_factory=list)


_NOWHERE = _Tree()


def _tree(pointers: Iterable[str]) -> _Tree:
    root = _Tree()
    for pointer in pointers:
        node = root
        node.pointers.append(pointer)
        for part in pointer.split("/")[1:]:
            node = node.children.setdefault(part.replace("~1", "/").replace("~0", "~"), _Tree())
            node.pointers.append(pointer)
    return root


def escaped(part: str) -> str:
    """Write a key as a part of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")


def _walk(text: str) -> Iterator[tuple[int, str | int, int]]:
    """Yield depth, key or index, and offset of every value, without recursion; the text has to be JSON."""
    keys: list[str | int] = [0]
    in_object = [False]
    awaits_key = False
    for match in _LEXEME.finditer(text):
        lexeme, offset = match.group(1), match.start(1)
        if lexeme in "}]":
            del keys[-1], in_object[-1]
            awaits_key = False
        elif lexeme == ",":
            awaits_key = in_object[-1]
            keys[-1] = keys[-1] if isinstance(keys[-1], str) else keys[-1] + 1
        elif awaits_key and lexeme[0] == '"':
            keys[-1], awaits_key = json.loads(lexeme, strict=False), False
        elif lexeme != ":":
            yield len(keys) - 1, keys[-1], offset
            if lexeme in "{[":
                keys.append("" if lexeme == "{" else 0)
                in_object.append(lexeme == "{")
                awaits_key = lexeme == "{"


class _NotStrictError(Exception):
    """The text has a constant that strict JSON lacks."""

    def __init__(self, constant: str) -> None:
        super().__init__(constant)
        self.constant = constant


def read_json(source: JsonText) -> tuple[Any, list[Finding]]:
    """Parse JSON; what is not strict JSON is a finding, and the value is None unless it is clear nevertheless.

    Repeated keys, `NaN` and other constants, and too deep nesting are findings.
    """
    if len(source.text) > LARGEST_TEXT:
        return None, [_finding(source, 0, f"the text is longer than {LARGEST_TEXT:,} characters")]
    try:
        value, is_repetitive = _decoded(source.text)
    except json.JSONDecodeError as error:
        return None, [_finding(source, error.pos, f"the text is not JSON: {_first_lower(error.msg)}")]
    except RecursionError:
        return None, [_finding(source, _deepest(source.text), "the text is nested too deeply")]
    except _NotStrictError as error:
        place = _first(source.text, error.constant.__eq__)
        return None, [
            _finding(source, place, f"the text is not JSON: `{error.constant}` is not a JSON number")
        ]
    except ValueError:
        return None, [_finding(source, _first(source.text, _is_too_long), "the number has too many digits")]
    return value, list(_repetitions(source)) if is_repetitive else []


def _finding(source: JsonText, offset: int, message: str) -> Finding:
    return Finding(source.location(min(offset, len(source.text))), message)


def _first_lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _decoded(text: str) -> tuple[Any, bool]:
    """Parse the text, and tell whether an object in it repeats a key."""
    repetitive: list[bool] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found):
            repetitive.append(True)
        return made

    value = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=_refuse).decode(text)
    return value, bool(repetitive)


def _refuse(constant: str) -> NoReturn:
    raise _NotStrictError(constant)


def _repetitions(source: JsonText) -> Iterator[Finding]:
    seen: list[set[str | int]] = [set()]
    for depth, key, offset in _walk(source.text):
        del seen[depth + 1 :]
        if isinstance(key, str) and key in seen[depth]:
            yield _finding(source, offset, f"the key `{key}` is repeated in one object")
        seen[depth].add(key)
        seen.append(set())


def _is_too_long(lexeme: str) -> bool:
    """Tell whether a number has more digits than Python parses."""
    return len(lexeme) > sys.get_int_max_str_digits() and lexeme.lstrip("-").isdigit()


def _first(text: str, matches: Callable[[str], bool]) -> int:
    """Give the offset of the first matching token; the text need not be JSON."""
    found = (match.start(1) for match in _LEXEME.finditer(text) if matches(match.group(1)))
    return next(found, 0)


def _deepest(text: str) -> int:
    """Give the offset of the innermost bracket; the text need not be JSON."""
    depth = deepest = at = 0
    for match in _LEXEME.finditer(text):
        lexeme = match.group(1)
        depth += (lexeme in "{[") - (lexeme in "}]")
        if depth > deepest:
            deepest, at = depth, match.start(1)
    return at


_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, by its number from 1: its text, or why it has none."""

    number: int
    text: str
    finding: Finding | None = None


def read_lines(stream: BinaryIO, file: str) -> Iterator[Line]:
    """Yield the lines of a stream in UTF-8, never holding more than one, nor one longer than is allowed."""
    number = 0
    while raw := stream.readline(LARGEST_TEXT + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(_BOM)
        if len(raw) > LARGEST_TEXT:
            _skip_rest(raw, stream)
            message = f"the line is longer than {LARGEST_TEXT:,} bytes"
            yield Line(number, "", Finding(Location(file, number, 1), message))
        elif raw.strip():
            yield _decoded_line(raw, file, number)


def _skip_rest(raw: bytes, stream: BinaryIO) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(LARGEST_TEXT)


def _decoded_line(raw: bytes, file: str, number: int) -> Line:
    try:
        return Line(number, raw.decode().rstrip("\r\n"))
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode()) + 1
        finding = Finding(
            Location(file, number, column), "the line is not UTF-8", f"byte 0x{raw[error.start]:02x}"
        )
        return Line(number, "", finding)
