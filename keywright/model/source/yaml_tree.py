"""Nodes of a YAML tree, each with its place in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.reporting.finding import Location
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class ScalarNode:
    """Text, a number, a boolean or nothing; `text` is as written, without quotes."""

    file: str
    line: int
    column: int
    text: str
    value: str | float | bool | None


@dataclass(slots=True)
class SequenceNode:
    """A list."""

    file: str
    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MappingNode:
    """A mapping; `keys` has the node of each name."""

    file: str
    line: int
    column: int
    keys: dict[str, ScalarNode] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)


@dataclass(slots=True)
class BrokenNode:
    """A part that was refused already; further mistakes in it are not reported."""

    file: str
    line: int
    column: int


Node = ScalarNode | SequenceNode | MappingNode | BrokenNode


def place(node: Node) -> Location:
    """Give the place where a node begins."""
    return Location(node.file, node.line, node.column)


def places_in(node: Node) -> Iterator[Location]:
    """Give the places of a node, of its keys and of everything in it."""
    yield place(node)
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from places_in(item)
    if isinstance(node, MappingNode):
        for name, key in node.keys.items():
            yield place(key)
            yield from places_in(node.values[name])


class Nothing:
    """The value of an empty key, which no type accepts: an empty `until:` must not mean no end."""


NOTHING = Nothing()


def plain(node: Node) -> Any:
    """Give a node's value as Python data, with lists as tuples, and `NOTHING` for empty and broken nodes."""
    if isinstance(node, ScalarNode):
        return NOTHING if node.value is None else node.value
    if isinstance(node, MappingNode):
        return {key: plain(value) for key, value in node.values.items()}
    if isinstance(node, SequenceNode):
        return tuple([plain(item) for item in node.items])
    return NOTHING


def in_words(node: Node) -> str:
    """Describe a node for the `found` of a message."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, BrokenNode) or node.value is None:
        return "nothing"
    return quoted(node.text)
