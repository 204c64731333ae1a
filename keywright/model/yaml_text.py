"""YAML text read into a tree, strictly.

The language is a part of YAML 1.2: mappings with text keys, lists, and scalars of the core schema, so that `no`
is text. What reads differently from tool to tool, or grows when it is read, is refused: anchors, aliases, merge
keys, tags, numbers with a leading zero, several documents. Tokens come from libyaml; what they mean is decided here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml  # type: ignore[import-untyped]

from keywright.model.yaml_problem import problem_in_words
from keywright.model.yaml_tree import Broken, Mapping, Node, Scalar, Sequence, in_words, place
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import quoted

MOST = 500
"""How many refusals one file lists; whoever has more mends these first."""
DEEPEST = 24
"""How deep declarations may nest; the deepest that mean anything have seven levels."""
LONGEST_LIST, MOST_NAMES = 1_000, 10_000
"""How many items a list, and how many names a mapping may have; no quota of AWS allows as many."""
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,20}|0o[0-7]{1,20}|0x[0-9a-fA-F]{1,16}", re.ASCII)
_NUMBER = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII
)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+", re.ASCII)
_ACCOUNT = 12
"""The digits of an account's number, which is none: without its zero it names no account."""
_FIRST_OF_OTHERS = frozenset("-+.0123456789~ntfNTF")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A name written twice in one mapping; the path leads to the mapping."""

    path: tuple[str, ...]
    first: Scalar
    second: Scalar


@dataclass(slots=True)
class Document:
    """What a text says. `root` is none when it says nothing; `complete` is false when a part could not be read."""

    root: Node | None = None
    findings: list[Finding] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    complete: bool = True


class _TooMuchError(Exception):
    """More than declarations can mean, or than a reader mends at once; carries the finding that ends the reading."""


def parse(text: str, file: str) -> Document:
    """Read a text; every refusal is a finding of the document, and never an exception."""
    reader = _Reader(text, file)
    try:
        reader.read_stream()
    except yaml.YAMLError as error:
        reader.refuse_rest(problem_in_words(error, text, file))
    except _TooMuchError as error:
        reader.refuse_rest(error.args[0])
    return reader.document


class _Reader:
    """Turns libyaml's events into nodes; recursion is bounded by `DEEPEST`."""

    def __init__(self, text: str, file: str) -> None:
        self.document = Document()
        self._file = file
        self._next = _PARSER(text).get_event
        self._path: list[str] = []

    def refuse_rest(self, finding: Finding) -> None:
        """Note that reading ended early."""
        self.document.findings.append(finding)
        self.document.complete = False

    def read_stream(self) -> None:
        """Read the one document that there may be."""
        self._next()
        event = self._next()
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
            words = ("levels nest too deep", f"more than {DEEPEST} levels", "the levels of the declarations")
            raise _TooMuchError(Finding(self._location(event), *words))
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._refuse(
                event, "an alias stands for another part", f"`*{event.anchor}`", "the part written out"
            )
        if event.anchor is not None:
            self._refuse(event, "an anchor names a part", f"`&{event.anchor}`", "the part without it")
        if event.tag is not None:
            tag = quoted(event.tag.replace("tag:yaml.org,2002:", "!!"))
            broken = self._refuse(event, "a tag sets a type", tag, "the value alone, in quotes if it is text")
            if kind is yaml.ScalarEvent:
                return broken
        if kind is yaml.ScalarEvent:
            return self._scalar(event)
        return self._mapping(event, depth) if kind is yaml.MappingStartEvent else self._sequence(event, depth)

    def _sequence(self, event: Any, depth: int) -> Sequence:
        mark = event.start_mark
        node = Sequence(self._file, mark.line + 1, mark.column + 1)
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            node.items.append(self._node(event, depth + 1))
            self._bound(len(node.items), LONGEST_LIST, event)
        return node

    def _mapping(self, event: Any, depth: int) -> Mapping:
        mark = event.start_mark
        node = Mapping(self._file, mark.line + 1, mark.column + 1)
        while type(event := self._next()) is not yaml.MappingEndEvent:
            key = self._key(event, depth)
            self._path.append(key.text if key else "")
            value = self._node(self._next(), depth + 1)
            self._path.pop()
            if key is not None:
                self._enter(node, key, value)
                self._bound(len(node.keys), MOST_NAMES, event)
        return node

    def _enter(self, node: Mapping, key: Scalar, value: Node) -> None:
        first = node.keys.setdefault(key.text, key)
        if first is key:
            node.values[key.text] = value
        else:
            self.document.duplicates.append(Duplicate(tuple(self._path), first, key))
            self._count(place(key))

    def _key(self, event: Any, depth: int) -> Scalar | None:
        key = self._node(event, depth + 1)
        if isinstance(key, Broken):
            return None
        if not isinstance(key, Scalar):
            self._refuse(event, "a key is not text", in_words(key), "a name")
        elif key.value == "<<" and event.implicit[0]:
            self._refuse(event, "a merge key takes in another mapping", "`<<`", "its keys written out")
        elif not isinstance(key.value, str):
            self._refuse(event, "a key is not text", in_words(key), f'`"{key.text}"` in quotes')
        else:
            return key
        return None

    def _scalar(self, event: Any) -> Node:
        mark, text = event.start_mark, event.value
        if not event.implicit[0] or (text and text[0] not in _FIRST_OF_OTHERS):
            return Scalar(self._file, mark.line + 1, mark.column + 1, text, text)
        if _LEADING_ZERO.fullmatch(text):
            digits = text.lstrip("-+0") or "0"
            number = "" if len(text) == _ACCOUNT else f", or `{digits}` as a number"
            way_on = f'`"{text}"` as text{number}'
            return self._refuse(
                event,
                "a number starts with zero, which readers take for different numbers",
                quoted(text),
                way_on,
            )
        return Scalar(self._file, mark.line + 1, mark.column + 1, text, _value(text))

    def _refuse(self, event: Any, message: str, found: str, accepted: str) -> Broken:
        location = self._location(event)
        self.document.findings.append(Finding(location, message, found, accepted))
        self._count(location)
        return Broken(location.file, location.line, location.column)

    def _bound(self, count: int, most: int, event: Any) -> None:
        if count > most:
            words = ("a part goes on for too long", f"more than {most:,} entries", f"at most {most:,}")
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
