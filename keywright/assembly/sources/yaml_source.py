"""YAML as CloudFormation reads it: short forms of intrinsic functions, and scalars that stay as they were written.

Source: "CloudFormation template formats" and "Intrinsic function reference", CloudFormation User Guide.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from keywright.assembly.sources.source import (
    Node,
    Source,
    Span,
    Step,
    refuse_excess,
    refuse_lone_surrogates,
    unreadable,
)
from keywright.reporting.finding import Location

_STANDARD = "tag:yaml.org,2002:"
_BARE = frozenset({"Ref", "Condition"})


class YamlSource(Source):
    """A YAML file; its nodes are kept for their places."""

    def __init__(self, characters: str, file: str, root: Any, tree: Node) -> None:
        self.file = file
        self.tree = tree
        self.size = len(characters.encode())
        self.characters = characters
        self._root = root

    @classmethod
    def of(cls, characters: str, file: str) -> YamlSource:
        """Parse a text.

        Raises:
            UnreadableError: It is not one YAML document, names a key twice, an alias holds itself, or it is beyond
                the limits of `source`.
        """
        try:
            # Nodes instead of data: they have the places of all values, and no tag is executed.
            root = YAML(typ="safe", pure=True).compose(characters)
            tree = _Conversion(file).convert(root)
        except MarkedYAMLError as error:
            raise unreadable(
                _place(file, error.problem_mark), f"the file is not YAML: {_problem(error)}"
            ) from error
        except (YAMLError, ValueError, RecursionError) as error:
            raise unreadable(Location(file), f"the file is not YAML: {_reason(error)}") from error
        refuse_excess(tree, file)
        refuse_lone_surrogates(tree, characters, file)
        return cls(characters, file, root, tree)

    def locate(self, *path: Step) -> Location:
        """Give the location of the value at `path`, or of the nearest parent."""
        node, place = self._root, self._root
        for step in path:
            child, key = _child(node, step)
            if child is None and step == 0:
                continue  # one alone, where a list may stand
            if child is None:
                break
            node, place = child, key
        return _place(self.file, place.start_mark if place is not None else None)

    def span(self, *path: Step) -> Span | None:
        """Give the characters of the value at exactly `path`, without its tag and anchor."""
        node, key = self._root, None
        for step in path:
            if step == _function_of(node):
                continue  # a short form is a mapping that is not written
            node, key = _child(node, step)
            if node is None or id(node) in self._shared:
                return None
        return _span(node, key if isinstance(key, ScalarNode) and key is not node else None, self.characters)

    @cached_property
    def _shared(self) -> frozenset[int]:
        """Find the nodes that aliases use at several places."""
        seen: set[int] = set()
        shared: set[int] = set()
        pending = [self._root]
        while pending:
            node = pending.pop()
            if id(node) in seen:
                shared.add(id(node))
                continue
            seen.add(id(node))
            pending += _below(node)
        return frozenset(shared)


def _below(node: Any) -> list[Any]:
    if isinstance(node, MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _function_of(node: Any) -> str:
    """Name the intrinsic function that a node's tag is the short form of; "" for any other tag."""
    tag = str(getattr(node, "tag", None) or "")
    if not tag.startswith("!") or tag == "!":
        return ""
    return tag[1:] if tag[1:] in _BARE else f"Fn::{tag[1:]}"


_PROPERTIES = re.compile(r"(?:[!&][^\s]*\s+)*")


def _span(node: Any, key: Any, characters: str) -> Span | None:
    """Give the offsets of a node; None for a block scalar, whose text differs from its value."""
    if getattr(node, "style", None) in ("|", ">"):
        return None
    outer = node.start_mark.index
    is_flow = not isinstance(node, MappingNode | SequenceNode) or bool(node.flow_style)
    start = _start(node, characters)
    key_span = (key.start_mark.index, key.end_mark.index) if key else None
    return Span(outer, start, max(start, _end(node)), key_span, is_flow)


def _start(node: Any, characters: str) -> int:
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        first: int = node.value[0][0].start_mark.index
        return first
    found = _PROPERTIES.match(characters, node.start_mark.index)
    return found.end() if found else int(node.start_mark.index)


def _end(node: Any) -> int:
    """Give the end of a node's content; the end mark of a block node is that of the following token."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, MappingNode) else last
    end: int = node.end_mark.index
    return end


def _problem(error: MarkedYAMLError) -> str:
    return " ".join(str(error.problem or error.context or "it cannot be read").split())


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "values are nested too deeply"
    return " ".join(str(error).split())[:200]


def _place(file: str, mark: Any) -> Location:
    return Location(file, mark.line + 1, mark.column + 1) if mark is not None else Location(file)


def _child(node: Any, step: Step) -> tuple[Any, Any]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if getattr(key, "value", None) == step:
                return value, key
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        return node.value[step], node.value[step]
    return None, None


class _Conversion:
    """Turns nodes into data; a node that is used twice is converted once, so that aliases stay cheap."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._done: dict[int, Node] = {}
        self._open: set[int] = set()

    def convert(self, node: Any) -> Node:
        if node is None:
            return None
        if id(node) in self._done:
            return self._done[id(node)]
        if id(node) in self._open:
            raise unreadable(_place(self._file, node.start_mark), "a value contains itself through an alias")
        self._open.add(id(node))
        self._done[id(node)] = result = self._tagged(node)
        self._open.discard(id(node))
        return result

    def _tagged(self, node: Any) -> Node:
        tag = str(node.tag or "")
        if not tag.startswith("!") or tag == "!":
            return self._plain(node)
        value = self._plain(node)
        if tag == "!GetAtt" and isinstance(value, str):
            # The attribute can contain further dots, as in `!GetAtt Nested.Outputs.Name`.
            return {"Fn::GetAtt": list[Node](value.split(".", 1))}
        return {_function_of(node): value}

    def _plain(self, node: Any) -> Node:
        if isinstance(node, MappingNode):
            return self._mapping(node)
        if isinstance(node, SequenceNode):
            return [self.convert(item) for item in node.value]
        return _scalar(node)

    def _mapping(self, node: MappingNode) -> Node:
        members: dict[str, Node] = {}
        merged: list[Node] = []
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise unreadable(_place(self._file, key.start_mark), "a key is not a string")
            if key.value == "<<" and key.style is None:
                merged.append(self.convert(value))
                continue
            if key.value in members:
                raise unreadable(
                    _place(self._file, key.start_mark),
                    f"the key `{key.value}` is repeated in one mapping",
                    accepted="each key once",
                )
            members[str(key.value)] = self.convert(value)
        return self._with_merged(members, merged)

    def _with_merged(self, members: dict[str, Node], merged: list[Node]) -> Node:
        for source in merged:
            for each in source if isinstance(source, list) else [source]:
                # A key of the mapping itself wins over a merged one ("Merge Key Language-Independent Type for
                # YAML").
                members = {**each, **members} if isinstance(each, dict) else members
        return members


def _scalar(node: Any) -> Node:
    """Keep a scalar as written, except booleans and null: CloudFormation passes dates and numbers on as text."""
    if node.tag == f"{_STANDARD}null":
        return None
    if node.tag == f"{_STANDARD}bool" and node.value.lower() in ("true", "false"):
        return bool(node.value.lower() == "true")
    return str(node.value)
