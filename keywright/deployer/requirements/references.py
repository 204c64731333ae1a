"""What the properties of a resource refer to: other resources of the assembly, and literal ARNs.

Policy documents are skipped: a handler does not call the resources that a document names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.templates.physical_names import PHYSICAL_NAMES
from keywright.assembly.templates.value import ABSENT, Text, as_texts, possible_values
from keywright.deployer.handlers.refinements import referring_properties
from keywright.deployer.requirements.arns import account_fields, own_arns, pattern_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.template import Assembly, Resource, Template
    from keywright.assembly.templates.value import Value

_SUBSTITUTED = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")
MOST_STEPS = 8
"""How many references are followed from one resource to the next."""


@dataclass(frozen=True)
class ResourceArn:
    """An ARN pattern, and the resource of the assembly that has it, if there is one."""

    pattern: str
    resource: Resource | None = None


class References:
    """Finds what the resources of one assembly refer to; cached."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._near: dict[Resource, tuple[ResourceArn, ...]] = {}
        self._own: dict[Resource, tuple[ResourceArn, ...]] = {}

    def arns_of(self, resource: Resource) -> tuple[ResourceArn, ...]:
        """Give the ARNs of a resource itself."""
        if resource not in self._own:
            self._own[resource] = tuple(ResourceArn(each, resource) for each in own_arns(resource))
        return self._own[resource]

    def referenced_arns(self, resource: Resource) -> tuple[ResourceArn, ...]:
        """Give the ARNs of everything that a resource refers to."""
        if resource not in self._near:
            self._near[resource] = tuple(dict.fromkeys(self._found(resource)))
        return self._near[resource]

    def resource_at(self, pattern: str) -> Resource | None:
        """Find the resource with an exact ARN."""
        return self._by_arn.get(pattern)

    def referenced_resources(self, resource: Resource, *, stop: str) -> dict[Resource, None]:
        """Give the resources that a resource refers to, directly or through others; resources of the type `stop` end a path."""
        found: dict[Resource, None] = {}
        edge = [resource]
        for _ in range(MOST_STEPS):
            near = [arn.resource for each in edge for arn in self.referenced_arns(each)]
            edge = [each for each in dict.fromkeys(near) if each is not None and each not in found]
            found |= dict.fromkeys(edge)
            edge = [each for each in edge if each.type != stop]
        return found

    @cached_property
    def _by_arn(self) -> Mapping[str, Resource]:
        return {
            arn.pattern: resource
            for resource in self._assembly.resources
            for arn in self.arns_of(resource)
            if "*" not in arn.pattern
        }

    def _found(self, resource: Resource) -> Iterator[ResourceArn]:
        properties = resource.raw.get("Properties")
        for logical_id in dict.fromkeys(_references(properties)):
            referred = resource.template.resources.get(logical_id)
            if referred is not None:
                yield from self.arns_of(referred)
        for text in _texts(resource):
            if not any(each.reference in resource.template.resources for each in text.unknowns):
                yield from self._arn(text)
        for name, kind in referring_properties(resource.type).items():
            for each in possible_values(resource.properties.get(name, ABSENT)):
                for text in as_texts(each):
                    yield from self._name(text, kind, resource.template)

    def _arn(self, text: Text) -> Iterator[ResourceArn]:
        pattern = pattern_of(text)
        if pattern.startswith("arn:"):
            yield ResourceArn(pattern, self.resource_at(pattern))

    def _name(self, text: Text, kind: str, template: Template) -> Iterator[ResourceArn]:
        """Find the resource with a name; a resource outside of the assembly may be under any path."""
        name = text.literal
        if name is None or name.startswith("arn:"):
            return
        named = self._by_name.get((kind, template.account, name))
        if named is not None:
            yield from self.arns_of(named)
        elif kind in PHYSICAL_NAMES:
            yield from (ResourceArn(each) for each in _outside(kind, name, template))

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str, str], Resource]:
        return {
            (each.type, each.template.account, name): each
            for each in self._assembly.resources
            if (name := each.name.literal)
        }


def _outside(kind: str, name: str, template: Template) -> Iterator[str]:
    known = PHYSICAL_NAMES[kind].arn
    # A name alone does not show its path: `/*/` matches every path but the root one, which needs its own
    # pattern.
    for path in ("/", "/*/") if "{path}" in known else ("/",):
        yield known.format(path=path, name=name, **account_fields(template))


def _references(node: Node) -> Iterator[str]:
    """Yield the logical ids that a value refers to, without policy documents."""
    if isinstance(node, list):
        for each in node:
            yield from _references(each)
    elif isinstance(node, dict) and "Statement" not in node:
        for key, each in node.items():
            if key == "Ref" and isinstance(each, str):
                yield each
            elif key == "Fn::GetAtt":
                yield str(each[0]) if isinstance(each, list) and each else str(each).partition(".")[0]
            elif key == "Fn::Sub":
                yield from _SUBSTITUTED.findall(str(each[0] if isinstance(each, list) and each else each))
                yield from _references(each)
            else:
                yield from _references(each)


def _texts(resource: Resource) -> Iterator[Text]:
    for value in resource.properties.values():
        yield from texts_in(value, documents=False)


def texts_in(value: Value, *, documents: bool) -> Iterator[Text]:
    """Yield the texts of a value, with those of policy documents or without."""
    for each in possible_values(value):
        if isinstance(each, Text):
            yield each
        elif isinstance(each, tuple):
            for one in each:
                yield from texts_in(one, documents=documents)
        elif isinstance(each, Mapping) and (documents or "Statement" not in each):
            for one in each.values():
                yield from texts_in(one, documents=documents)
