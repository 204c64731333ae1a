"""The parts of the tables: how an argument becomes a property, and what a type as a whole becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.assembly.sources.terraform.values import Attributes, Found, is_function, partly_known

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node
    from keywright.assembly.sources.terraform.instances import Instance
    from keywright.assembly.sources.terraform.values import Values

Argument = Callable[["Values", "Instance"], "Found | None"]
"""Reads one property of a resource from an instance."""


def text(*path: str | int, default: str = "arn") -> Argument:
    """Read a text: a name, an ARN or an id of something else; empty counts as absent."""

    def read(values: Values, instance: Instance) -> Found | None:
        node = values.scalar(instance, *path, default=default)
        return Found(node, (*instance.path, *path)) if node not in (None, "") else None

    return read


def own_name(*path: str | int) -> Argument:
    """Read the name of the resource itself: while only an apply knows it, it is like one that is generated."""

    def read(values: Values, instance: Instance) -> Found | None:
        node = values.scalar(instance, *path)
        return Found(node, (*instance.path, *path)) if isinstance(node, str) and node else None

    return read


def texts(*path: str | int, default: str = "arn") -> Argument:
    """Read a list or set of texts; an empty one counts as absent."""

    def read(values: Values, instance: Instance) -> Found | None:
        node = values.several(instance, *path, default=default)
        return Found(node, (*instance.path, *path)) if node not in (None, []) else None

    return read


def one_of(*path: str | int, default: str = "arn") -> Argument:
    """Read a text as a list of one."""

    def read(values: Values, instance: Instance) -> Found | None:
        node = values.scalar(instance, *path, default=default)
        origin = (*instance.path, *path)
        return Found([node], origin, lambda _: ()) if node not in (None, "") else None

    return read


def document(*path: str | int) -> Argument:
    """Read a policy document."""

    def read(values: Values, instance: Instance) -> Found | None:
        return values.document(instance, *path)

    return read


def configured_document(name: str) -> Argument:
    """Read a policy document that AWS has one of by itself: without an argument, the unknown one is that."""

    def read(values: Values, instance: Instance) -> Found | None:
        if instance.is_unknown(name) and values.configuration.has_argument(instance, name) is False:
            return None
        return values.document(instance, name)

    return read


def tags(*names: str) -> Argument:
    """Read tags, which AWS has as a list of keys and values; the first of the arguments that is there."""

    def read(_: Values, instance: Instance) -> Found | None:
        for name in names or ("tags_all", "tags"):
            if name not in instance.values or instance.is_unknown(name):
                continue
            node = partly_known(instance, name)
            if isinstance(node, dict) and not is_function(node):
                pairs: list[Node] = [{"Key": key, "Value": value} for key, value in node.items()]
                return Found(pairs, (*instance.path, name), lambda _: ()) if pairs else None
        return None

    return read


def constant(node: Node) -> Argument:
    """Give a property that the type itself has."""
    return lambda _, instance: Found(node, instance.place, lambda _: ())


def block(names: Mapping[str, str], *path: str | int) -> Argument:
    """Read a block of settings, each by its name."""

    def read(values: Values, instance: Instance) -> Found | None:
        settings: dict[str, Node] = {}
        for name, written in names.items():
            node = values.scalar(instance, *path, written)
            if node is not None:
                settings[name] = node
        return Found(settings, (*instance.path, *path), lambda _: ()) if settings else None

    return read


@dataclass(frozen=True)
class Kind:
    """A type that is one CloudFormation resource. `physical` is the attribute with the name that AWS generated."""

    type: str
    properties: Mapping[str, Argument] = field(default_factory=dict)
    names: tuple[str, ...] = ("name", "id")
    arns: tuple[str, ...] = ("arn",)
    physical: str = ""

    @property
    def attributes(self) -> Attributes:
        """Give what references to it mean."""
        return Attributes(self.names, self.arns)


@dataclass(frozen=True)
class Setting:
    """A type that sets properties of another resource, which `target` names."""

    type: str
    target: str
    properties: Mapping[str, Argument]
    name: str
    """The property that names the other resource, where that is not in the file."""


@dataclass(frozen=True)
class Attachment:
    """A type that attaches managed policies: the arguments with the policies and with the users, groups and roles."""

    policies: str
    principals: Mapping[str, str]


@dataclass(frozen=True)
class Several:
    """A type that is several resources: one for each item of an argument."""

    type: str
    items: str
    item: str
    properties: Mapping[str, Argument]
    default: str = "arn"


Converted = Kind | Setting | Attachment | Several
