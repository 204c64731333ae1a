"""Arguments of instances as values of a template: known ones as they are, references to instances, and unknown values.

Terraform says which attribute an unknown argument refers to, and not whether it changes it. An argument that takes exactly
one name or ARN is read as that attribute; a text in which an ARN could only be a part, such as the resource of a statement,
stays unknown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.assembly.sources.json_source import JsonSource
from keywright.assembly.sources.source import Node, UnreadableError
from keywright.assembly.sources.terraform.instances import DATA, below

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keywright.assembly.sources.terraform.configuration import Configuration, Reference
    from keywright.assembly.sources.terraform.instances import Instance, Path, Side

POLICY_DOCUMENT = "aws_iam_policy_document"


def unknown(address: str, *path: str | int) -> Node:
    """Give the node for an attribute that only an apply knows, or that is sensitive."""
    return {"Fn::GetAtt": [address, ".".join(map(str, path))]}


def is_function(node: Node) -> bool:
    """Tell whether a node is a reference or an unknown value."""
    return isinstance(node, dict) and len(node) == 1 and next(iter(node)) in ("Ref", "Fn::GetAtt")


@dataclass(frozen=True)
class Found:
    """A value, and where it stands in the file; `inner` maps a place within the value to one below that."""

    node: Node
    origin: Path
    inner: Callable[[Path], Path] = lambda path: path
    items: tuple[Path, ...] = ()
    """Where each item stands, if the value is a list that is put together from several places."""

    def place(self, path: Path) -> Path:
        """Give the place of something below the value."""
        if self.items and path and isinstance(path[0], int) and path[0] < len(self.items):
            return self.items[path[0]]
        return (*self.origin, *self.inner(path))


@dataclass(frozen=True)
class Attributes:
    """What the attributes of a converted type are: those that name it, and those with its ARN."""

    names: tuple[str, ...] = ("name", "id")
    arns: tuple[str, ...] = ("arn",)

    def node(self, address: str, attribute: str) -> Node:
        """Give a reference to an attribute."""
        if attribute in self.names:
            return {"Ref": address}
        if attribute in self.arns:
            return {"Fn::GetAtt": [address, "Arn"]}
        return unknown(address, attribute)


@dataclass(frozen=True)
class Values:
    """Reads the arguments of the instances of one side."""

    side: Side
    configuration: Configuration
    attributes: Mapping[str, Attributes]
    written: Callable[[Values, Instance], Found]
    """Gives the document of a data source that only an apply reads."""
    _documents: dict[str, Found] = field(default_factory=dict)

    def scalar(self, instance: Instance, *path: str | int, default: str = "arn") -> Node:
        """Give one text: known, a reference, or unknown; None if it is absent.

        `default` is the attribute that a reference means if the configuration does not say.
        """
        if instance.is_hidden(*path):
            return unknown(instance.address, *path)
        if not instance.is_unknown(*path):
            return as_literal(instance.raw(*path), instance.address, path)
        found = self.configuration.targets(self.side, instance, path)
        node = self._reference(found[0], default) if len(found) == 1 else None
        return node if node is not None else unknown(instance.address, *path)

    def _reference(self, found: Reference | None, default: str) -> Node:
        if found is None:
            return None
        attribute = _unknown_attribute(found, default)
        # A known attribute cannot make an argument unknown, so that something else is part of it.
        if found.target.mode == DATA or not attribute:
            return None
        known = self.attributes.get(found.target.type, Attributes(names=()))
        return known.node(found.target.address, attribute)

    def several(self, instance: Instance, *path: str | int, default: str = "arn") -> Node:
        """Give a list or set of texts; None if it is absent."""
        if instance.is_hidden(*path):
            return unknown(instance.address, *path)
        value = instance.raw(*path)
        if instance.is_unknown(*path):
            return unknown(instance.address, *path)
        if not isinstance(value, list):
            return value if isinstance(value, str) else None
        open_ones = [index for index in range(len(value)) if instance.is_unknown(*path, index)]
        references = self._of_items(instance, path, len(open_ones), default)
        found: list[Node] = []
        for index in range(len(value)):
            at = (*path, index)
            if index not in open_ones:
                found.append(as_literal(instance.raw(*at), instance.address, at))
            else:
                found.append(references.pop(0) if references else unknown(instance.address, *at))
        return found

    def _of_items(self, instance: Instance, path: Path, count: int, default: str) -> list[Node]:
        """Give the references of the unknown items of a set, if there are as many as items."""
        if not count:
            return []
        targets = self.configuration.targets(self.side, instance, path)
        # Items that are known may be references too.
        nodes = [
            self._reference(each, default)
            for each in targets
            if each is None or _unknown_attribute(each, default)
        ]
        known: list[Node] = [each for each in nodes if each is not None]
        return known if len(known) == len(nodes) == count else []

    def document(self, instance: Instance, *path: str | int) -> Found | None:
        """Give a policy document: parsed text, or the statements of a data source that only an apply reads."""
        origin = (*instance.path, *path)
        if instance.is_hidden(*path):
            return Found(unknown(instance.address, *path), origin)
        if instance.is_unknown(*path):
            data = self._data_source(instance, path)
            return data or Found(unknown(instance.address, *path), origin)
        written = instance.raw(*path)
        if written is None or written == "":
            return None
        return Found(parsed(written, instance.address, path), origin, lambda _: ())

    def _data_source(self, instance: Instance, path: Path) -> Found | None:
        found = self.configuration.targets(self.side, instance, path)
        one = found[0] if len(found) == 1 else None
        if (
            one is None
            or one.target.type != POLICY_DOCUMENT
            or one.attribute not in ("json", "minified_json", "")
        ):
            return None
        return self.policy_document(one.target)

    def policy_document(self, data: Instance) -> Found:
        """Give the document of a data source that only an apply reads."""
        if data.address not in self._documents:
            # A document that is made of itself ends here.
            self._documents[data.address] = Found(unknown(data.address, "json"), data.path)
            self._documents[data.address] = self.written(self, data)
        return self._documents[data.address]


def _unknown_attribute(found: Reference, default: str) -> str:
    """Give the attribute that a reference is to, if only an apply knows it; else ""."""
    named = (found.attribute,) if found.attribute else (default, "id")
    return next((each for each in named if found.target.is_unknown(each)), "")


def as_literal(node: Node, address: str, path: Path) -> Node:
    """Give a known value; one that a template would take for a function is unknown."""
    if isinstance(node, dict):
        if any(key == "Ref" or key.startswith("Fn::") for key in node):
            return unknown(address, *path)
        return {key: as_literal(each, address, (*path, key)) for key, each in node.items()}
    if isinstance(node, list):
        return [as_literal(each, address, (*path, index)) for index, each in enumerate(node)]
    return node


def parsed(written: Node, address: str, path: Path) -> Node:
    """Parse a document that is JSON in a text; one that is not readable is unknown."""
    if not isinstance(written, str):
        return as_literal(written, address, path)
    try:
        return as_literal(JsonSource.of(written, address).tree, address, path)
    except UnreadableError:
        return unknown(address, *path)


def partly_known(instance: Instance, *path: str | int) -> Node:
    """Give a value with its unknown and sensitive parts as such, for types that are not converted further."""
    if instance.is_hidden(*path) or instance.is_unknown(*path):
        return unknown(instance.address, *path)
    node: Node = dict(instance.values)
    for step in path:
        node = below(node, step)
    if isinstance(node, dict):
        return {key: partly_known(instance, *path, key) for key in node}
    if isinstance(node, list):
        return [partly_known(instance, *path, index) for index in range(len(node))]
    return as_literal(node, instance.address, path)


def as_json(node: Node) -> str:
    """Write a node as JSON, to compare it."""
    return json.dumps(node, sort_keys=True)
