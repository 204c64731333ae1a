"""YAML as CloudFormation reads it: short forms of intrinsic functions, and scalars that stay as they were written.

Source: "CloudFormation template formats" and "Intrinsic function reference", CloudFormation User Guide.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from keywright.assembly.source import Node, Source, Step, refuse_excess, refuse_half_characters, unreadable
from keywright.finding import Location

_STANDARD = "tag:yaml.org,2002:"
_BARE = frozenset({"Ref", "Condition"})


class YamlSource(Source):
    """A YAML file; its nodes are kept for their places."""

    def __init__(self, characters: str, file: str, root: Any, tree: Node) -> None:
        self.file = file
        self.tree = tree
        self.size = len(characters.encode())
        self._root = root

    @classmethod
    def of(cls, characters: str, file: str) -> YamlSource:
        """Compose a text.

        Raises:
            UnreadableError: It is not one YAML document, names a key twice, an alias holds itself, or it is beyond
                the limits of `source`.
        """
        try:
            root = YAML(typ="safe", pure=True).compose(characters)
            tree = _Conversion(file).convert(root)
        except MarkedYAMLError as error:
            raise unreadable(
                _place(file, error.problem_mark), f"the file is not YAML: {_problem(error)}"
            ) from error
        except (YAMLError, ValueError, RecursionError) as error:
            raise unreadable(Location(file), f"the file is not YAML: {_reason(error)}") from error
        refuse_excess(tree, file)
        refuse_half_characters(tree, characters, file)
        return cls(characters, file, root, tree)

    def locate(self, *path: Step) -> Location:
        """Say where the value at `path` stands; as near as the path leads."""
        node, place = self._root, self._root
        for step in path:
            child, key = _child(node, step)
            if child is None and step == 0:
                continue  # one alone, where a list may stand
            if child is None:
                break
            node, place = child, key
        return _place(self.file, place.start_mark if place is not None else None)


def _problem(error: MarkedYAMLError) -> str:
    return " ".join(str(error.problem or error.context or "it cannot be read").split())


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "values are nested too deep"
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
            raise unreadable(_place(self._file, node.start_mark), "a value contains itself by an alias")
        self._open.add(id(node))
        self._done[id(node)] = result = self._tagged(node)
        self._open.discard(id(node))
        return result

    def _tagged(self, node: Any) -> Node:
        tag = str(node.tag or "")
        if not tag.startswith("!") or tag == "!":
            return self._plain(node)
        name = tag[1:]
        value = self._plain(node)
        if name == "GetAtt" and isinstance(value, str):
            return {"Fn::GetAtt": list[Node](value.split(".", 1))}
        return {name if name in _BARE else f"Fn::{name}": value}

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
                raise unreadable(_place(self._file, key.start_mark), "a key is not a text")
            if key.value == "<<" and key.style is None:
                merged.append(self.convert(value))
                continue
            if key.value in members:
                raise unreadable(
                    _place(self._file, key.start_mark),
                    f"the key `{key.value}` stands twice in one mapping",
                    accepted="each key once",
                )
            members[str(key.value)] = self.convert(value)
        return self._with_merged(members, merged)

    def _with_merged(self, members: dict[str, Node], merged: list[Node]) -> Node:
        for source in merged:
            for each in source if isinstance(source, list) else [source]:
                members = {**each, **members} if isinstance(each, dict) else members
        return members


def _scalar(node: Any) -> Node:
    """Keep a scalar as written, but for true, false and null; CloudFormation's YAML has no dates and no numbers to us."""
    if node.tag == f"{_STANDARD}null":
        return None
    if node.tag == f"{_STANDARD}bool" and node.value.lower() in ("true", "false"):
        return bool(node.value.lower() == "true")
    return str(node.value)
