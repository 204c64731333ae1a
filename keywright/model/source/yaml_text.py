"""Reading YAML text into a tree, strictly.

The language is a subset of YAML 1.2: mappings with text keys, lists, and scalars of the core schema, so that `no`
is text. What tools read differently, or what expands when read, is refused: anchors, aliases, merge keys, tags,
numbers with a leading zero, several documents. libyaml gives the events; this module gives them their meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml  # type: ignore[import-untyped]

from keywright.model.source.secrets import NOT_SHOWN, is_secret, may_show
from keywright.model.source.yaml_tree import (
    BrokenNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    in_words,
    place,
)
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import quoted

_WORDS = (
    (
        "mapping values are not allowed",
        "a `:` is not allowed here",
        "quotes around text with `: `, a new line, or the missing `:` of the line above",
    ),
    (
        "could not find expected ':'",
        "a name has no `:` after it",
        "`name: value`, indented like its neighbours",
    ),
    (
        "did not find expected key",
        "a line is not indented like its neighbours",
        "the indentation of the lines above",
    ),
    (
        "did not find expected '-' indicator",
        "a line is not indented like its neighbours",
        "`- ` under the `- ` above",
    ),
    (
        "did not find expected ',' or ']'",
        "a list is not closed",
        "`,` between items and `]` at the end",
    ),
    (
        "did not find expected ',' or '}'",
        "a mapping is not closed",
        "`,` between keys and `}` at the end",
    ),
    ("found unexpected end of stream", "a quote is not closed", "the closing quote"),
    ("cannot start any token", "a character is not allowed here", "quotes around the text"),
    ("block sequence entries are not allowed", "a list can't start here", "the list on a new line"),
    ("did not find expected node content", "a value is missing", "a value, or nothing at all"),
    (
        "did not find expected <document start>",
        "there is text after the end of the mapping",
        "one mapping, indented evenly",
    ),
    (
        "unknown escape character",
        "unknown escape sequence",
        "single quotes around text with `\\`",
    ),
    ("did not find expected whitespace or line break", "a space is missing", "a space between them"),
    ("nesting depth", "too many nested levels", "the levels of the declarations"),
)
"""Part of libyaml's message, our message, and what is accepted."""


def problem_in_words(error: yaml.YAMLError, text: str, file: str) -> Finding:
    """Report a syntax error at the place where reading stopped, but never after the last line."""
    lines = text.split("\n")
    line, column = _place(error, text, lines)
    before = lines[line - 1]
    indentation = before[: len(before) - len(before.lstrip())]
    location = Location(file, line, column)
    if "\t" in indentation:
        return Finding(
            Location(file, line, indentation.index("\t") + 1),
            "a line is indented with a tab",
            "a tab",
            "spaces",
        )
    found = quoted(before.strip()) if before.strip() else "the end of the file"
    if not may_show(lines, line):
        found = "a line that is not shown, because of a secret in it or above it"
    problem = str(getattr(error, "problem", None) or "")
    for part, message, accepted in _WORDS:
        if part in problem:
            return Finding(location, message, found, accepted)
    return Finding(location, "this is not YAML", found, f"YAML 1.2 ({problem.lower() or 'unreadable'})")


def _place(error: yaml.YAMLError, text: str, lines: list[str]) -> tuple[int, int]:
    """Give the place of the problem, or the beginning of a part that is not closed."""
    mark, beginning = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    is_unfinished = "expected ':'" in str(getattr(error, "problem", None))
    if mark is None or (beginning is not None and (is_unfinished or mark.index >= len(text.rstrip()))):
        mark = beginning
    if mark is None:
        return 1, 1
    last = len(lines) - 1 if len(lines) > 1 and not lines[-1] else len(lines)
    if mark.line + 1 > last:
        return last, max(1, len(lines[last - 1]))
    return mark.line + 1, mark.column + 1


MOST = 500
"""The most mistakes that are reported for a file."""
DEEPEST = 24
"""The most nested levels; declarations have seven."""
LONGEST_LIST, MOST_NAMES = 1_000, 10_000
"""The most items of a list and names of a mapping; AWS's quotas are lower."""
# Without libyaml, PyYAML's own scanner reads the same language, only more slowly.
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,20}|0o[0-7]{1,20}|0x[0-9a-fA-F]{1,16}", re.ASCII)
_NUMBER = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII
)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+", re.ASCII)
_ACCOUNT = 12
"""The digits of an account ID; a leading zero is part of it, so that a number is not suggested."""
# Most scalars are text, which their first character shows faster than the regular expressions do.
_FIRST_OF_OTHERS = frozenset("-+.0123456789~ntfNTF")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A name that a mapping has twice; `path` leads to the mapping."""

    path: tuple[str, ...]
    first: ScalarNode
    second: ScalarNode


@dataclass(slots=True)
class Document:
    """The content of a file. `root` is `None` for an empty file; `complete` is false if a part could not be read."""

    root: Node | None = None
    findings: list[Finding] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    complete: bool = True


class _TooMuchError(Exception):
    """The file is too large or has too many mistakes; carries the last finding."""


def parse(text: str, file: str) -> Document:
    """Read a text; mistakes become findings of the document, never exceptions."""
    reader = _Reader(text, file)
    try:
        reader.read_stream()
    except yaml.YAMLError as error:
        reader.refuse_rest(problem_in_words(error, text, file))
    except _TooMuchError as error:
        reader.refuse_rest(error.args[0])
    return reader.document


class _Reader:
    """Turns libyaml's events into nodes; `DEEPEST` limits the recursion."""

    def __init__(self, text: str, file: str) -> None:
        self.document = Document()
        self._file = file
        self._next = _PARSER(text).get_event
        self._path: list[str] = []

    def refuse_rest(self, finding: Finding) -> None:
        """Add the finding that ends the reading."""
        self.document.findings.append(finding)
        self.document.complete = False

    def read_stream(self) -> None:
        """Read the document; there may be only one."""
        self._next()
        event = self._next()
        # The file is empty, or contains only comments.
        if type(event) is yaml.StreamEndEvent:
            return
        self.document.root = self._node(self._next(), 0)
        self._next()
        event = self._next()
        if type(event) is not yaml.StreamEndEvent:
            words = ("a second document starts", "`---`", "one document a file")
            self.refuse_rest(Finding(self._location(event), *words))

    def _node(self, event: Any, depth: int) -> Node:
        if depth > DEEPEST:
            words = (
                "too many nested levels",
                f"more than {DEEPEST} levels",
                "the levels of the declarations",
            )
            raise _TooMuchError(Finding(self._location(event), *words))
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._refuse(
                event, "aliases are not allowed", f"`*{event.anchor}`", "the part written out"
            )
        # Only the anchor is refused; its value is read, so that mistakes in it are reported in the same run.
        if event.anchor is not None:
            self._refuse(event, "anchors are not allowed", f"`&{event.anchor}`", "the part without it")
        if event.tag is not None:
            tag = quoted(event.tag.replace("tag:yaml.org,2002:", "!!"))
            broken = self._refuse(
                event, "tags are not allowed", tag, "the value only, in quotes if it is text"
            )
            if kind is yaml.ScalarEvent:
                return broken
        if kind is yaml.ScalarEvent:
            return self._scalar(event)
        return self._mapping(event, depth) if kind is yaml.MappingStartEvent else self._sequence(event, depth)

    def _sequence(self, event: Any, depth: int) -> SequenceNode:
        mark = event.start_mark
        node = SequenceNode(self._file, mark.line + 1, mark.column + 1)
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            node.items.append(self._node(event, depth + 1))
            self._limit(len(node.items), LONGEST_LIST, event)
        return node

    def _mapping(self, event: Any, depth: int) -> MappingNode:
        mark = event.start_mark
        node = MappingNode(self._file, mark.line + 1, mark.column + 1)
        while type(event := self._next()) is not yaml.MappingEndEvent:
            key = self._key(event, depth)
            self._path.append(key.text if key else "")
            value = self._node(self._next(), depth + 1)
            self._path.pop()
            if key is not None:
                self._enter(node, key, value)
                self._limit(len(node.keys), MOST_NAMES, event)
        return node

    def _enter(self, node: MappingNode, key: ScalarNode, value: Node) -> None:
        first = node.keys.setdefault(key.text, key)
        if first is key:
            node.values[key.text] = value
        else:
            self.document.duplicates.append(Duplicate(tuple(self._path), first, key))
            self._count(place(key))

    def _key(self, event: Any, depth: int) -> ScalarNode | None:
        key = self._node(event, depth + 1)
        if isinstance(key, BrokenNode):
            return None
        if not isinstance(key, ScalarNode):
            self._refuse(event, "a key is not text", in_words(key), "a name")
        # In quotes, it is a name like any other.
        elif key.value == "<<" and event.implicit[0]:
            self._refuse(event, "merge keys are not allowed", "`<<`", "its keys written out")
        elif not isinstance(key.value, str):
            self._refuse(event, "a key is not text", in_words(key), f'`"{key.text}"` in quotes')
        else:
            return key
        return None

    def _scalar(self, event: Any) -> Node:
        mark, text = event.start_mark, event.value
        # Quoted scalars are not implicit, and are always text.
        if not event.implicit[0] or (text and text[0] not in _FIRST_OF_OTHERS):
            return ScalarNode(self._file, mark.line + 1, mark.column + 1, text, text)
        if _LEADING_ZERO.fullmatch(text):
            digits = text.lstrip("-+0") or "0"
            number = "" if len(text) == _ACCOUNT else f", or `{digits}` as a number"
            accepted = f'`"{text}"` as text{number}'
            return self._refuse(
                event,
                "a number starts with zero, which tools read differently",
                quoted(text),
                accepted,
            )
        return ScalarNode(self._file, mark.line + 1, mark.column + 1, text, _value(text))

    def _refuse(self, event: Any, message: str, found: str, accepted: str) -> BrokenNode:
        location = self._location(event)
        if any(map(is_secret, self._path)):
            found, accepted = NOT_SHOWN, "no secret"
        self.document.findings.append(Finding(location, message, found, accepted))
        self._count(location)
        return BrokenNode(location.file, location.line, location.column)

    def _limit(self, count: int, most: int, event: Any) -> None:
        if count > most:
            words = ("a list or mapping is too long", f"more than {most:,} entries", f"at most {most:,}")
            raise _TooMuchError(Finding(self._location(event), *words))

    def _count(self, location: Location) -> None:
        if len(self.document.findings) + len(self.document.duplicates) >= MOST:
            words = ("the file is not read further", f"{MOST} mistakes so far", "these, mended")
            raise _TooMuchError(Finding(location, *words))

    def _location(self, event: Any) -> Location:
        return Location(self._file, event.start_mark.line + 1, event.start_mark.column + 1)


def _value(text: str) -> str | float | bool | None:
    """Give the value of unquoted text by the core schema ("10.3.2. Tag Resolution", YAML 1.2.2)."""
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _INTEGER.fullmatch(text):
        return int(text, 10 if text[1:2] not in ("o", "x") else 0)
    if _NUMBER.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
