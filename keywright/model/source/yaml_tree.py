"""YAML as a tree that remembers where each thing is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from keywright.reporting.finding import Location
from keywright.reporting.text import quoted


@dataclass(slots=True)
class ScalarNode:
    """Text, a number, true or false, or nothing; `text` is how it is written, without quotes."""

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
    """Names with what belongs to them; `keys` holds how and where each name is written."""

    file: str
    line: int
    column: int
    keys: dict[str, ScalarNode] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)


@dataclass(slots=True)
class BrokenNode:
    """Something refused already; what else is wrong with it follows from that and is not worth a word."""

    file: str
    line: int
    column: int


Node = ScalarNode | SequenceNode | MappingNode | BrokenNode


def place(node: Node) -> Location:
    """Give where a node begins."""
    return Location(node.file, node.line, node.column)


class Nothing:
    """Stands for a value that is not there, which no type takes: `until:` must not read as no end."""


NOTHING = Nothing()


def plain(node: Node) -> Any:
    """Give a node's value as Python data, lists as tuples; what is empty or broken is `NOTHING`."""
    if isinstance(node, ScalarNode):
        return NOTHING if node.value is None else node.value
    if isinstance(node, MappingNode):
        return {key: plain(value) for key, value in node.values.items()}
    if isinstance(node, SequenceNode):
        return tuple([plain(item) for item in node.items])
    return NOTHING


def in_words(node: Node) -> str:
    """Say what a node is, as an error's `found` does: text in backticks, or what else it is."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, BrokenNode) or node.value is None:
        return "nothing"
    return quoted(node.text)
