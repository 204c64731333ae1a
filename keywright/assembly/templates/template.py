"""Templates and their resources; properties are resolved on demand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.organization import NO_ORGANIZATION, Organization
from keywright.assembly.templates.deployed_names import NOT_DEPLOYED, DeployedNames
from keywright.assembly.templates.physical_names import PHYSICAL_NAMES
from keywright.assembly.templates.resolve import Evaluation, first_literal, resolve
from keywright.assembly.templates.value import (
    ABSENT,
    Alternatives,
    Text,
    Value,
    as_texts,
    possible_values,
    value_at,
)
from keywright.policy.matching.arn import partition_of
from keywright.reporting.finding import Finding, Location, Outcome

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node, Source, Step

NO_NODES: Mapping[str, Node] = {}
_PARTITIONS = re.compile(r"\barn:(aws[a-z-]{0,20}):")


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource of a template. `raw` is its content as written; `properties` are resolved."""

    logical_id: str
    type: str
    raw: Mapping[str, Node]
    template: Template = field(repr=False)
    construct_path: str = ""

    @cached_property
    def properties(self) -> Mapping[str, Value]:
        """Give each property's value; `Alternatives` if the template's conditions decide it."""
        return Properties(self)

    @cached_property
    def name(self) -> Text:
        """Give its physical name; unknown if CloudFormation generates it."""
        return Evaluation({}).name(self)

    @cached_property
    def arn(self) -> Text | None:
        """Give its ARN; None if its type has no known format."""
        known = PHYSICAL_NAMES.get(self.type)
        return Evaluation({}).arn(self, known) if known is not None else None

    def possible_values(self, *path: str) -> tuple[Value, ...]:
        """Give every possible value at `path` below the properties; usually one."""
        name, *rest = path
        return tuple(
            _distinct(value_at(each, *rest) for each in possible_values(self.properties.get(name, ABSENT)))
        )

    def texts(self, *path: str) -> tuple[Text, ...]:
        """Give the string at `path`, or the strings of a list, from all of its possible values, each once."""
        return tuple(dict.fromkeys(each for value in self.possible_values(*path) for each in as_texts(value)))

    @cached_property
    def location(self) -> Location:
        """Give the location of its logical id."""
        return self.locate()

    def locate(self, *path: Step) -> Location:
        """Give the location of something below the resource, such as `locate("Properties", "Policies", 0)`."""
        return self.template.source.locate("Resources", self.logical_id, *path)

    @property
    def label(self) -> str:
        """Name it for display: its construct's path, or its logical id."""
        return self.construct_path or self.logical_id

    @property
    def title(self) -> str:
        """Give a name without the construct path: its type without `AWS::`, and its logical id."""
        return f"{self.type.removeprefix('AWS::')} {self.logical_id}"


def _distinct(values: Iterator[Value]) -> list[Value]:
    found: list[Value] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


class Properties(Mapping[str, Value]):
    """A resource's properties; each is resolved once, when it is first read."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        raw = resource.raw.get("Properties")
        self._raw = raw if isinstance(raw, dict) else {}
        self._resolved: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._resolved:
            self._resolved[name] = self._resolve(self._raw[name])
        return self._resolved[name]

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def get(self, name: str, default: Any = None) -> Any:
        """Give a property or the default; most resources lack most properties that are asked for."""
        # `Mapping.get` would raise and catch a KeyError for each absent property.
        return self[name] if name in self._raw else default

    def _resolve(self, node: Node) -> Value:
        resource = self._resource
        found = resolve(node, resource.template, when=resource.raw.get("Condition"))
        return found[0] if len(found) == 1 else Alternatives(found) if found else ABSENT

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


@dataclass(frozen=True, eq=False)
class Output:
    """One output of a template; `value` and `export` are as written, to be resolved in the template."""

    name: str
    value: Node
    export: Node
    template: Template = field(repr=False)

    @cached_property
    def possible_values(self) -> tuple[Value, ...]:
        """Give every possible value."""
        return resolve(self.value, self.template)

    @property
    def location(self) -> Location:
        """Give its location."""
        return self.template.source.locate("Outputs", self.name)


@dataclass(frozen=True, eq=False)
class Template:
    """One stack's template.

    `id` is unique in the assembly, `stack` is the stack's name ("" for a single file). `account` and `region` are ""
    if unknown. `parameter_values` are those that a parent stack passes.
    """

    id: str
    stack: str
    account: str
    region: str
    source: Source
    links: Links = field(repr=False)
    parameter_values: Mapping[str, tuple[Node, Template]] = field(default_factory=dict, repr=False)
    paths: Mapping[str, str] = field(default_factory=dict, repr=False)
    parent: Template | None = field(default=None, repr=False)

    @property
    def passed_beside(self) -> bool:
        """Tell whether values come from templates beside it, as in a file of Terraform that has several accounts."""
        return self.parent is None and bool(self.parameter_values)

    @property
    def file(self) -> str:
        """Name its file, as findings do."""
        return self.source.file

    @cached_property
    def partition(self) -> str:
        """Give the partition of its region; without a region the one of its ARNs, unless that is `aws`; else ""."""
        if self.region or self.source.partition:
            return self.source.partition or partition_of(self.region)
        if self.links.deployed.partition:
            return self.links.deployed.partition
        named = {found[1] for found in _PARTITIONS.finditer(self.source.characters)}
        # Many templates write `arn:aws` for every partition, so it shows nothing.
        return named.pop() if len(named) == 1 and "aws" not in named else ""

    def section(self, name: str) -> Mapping[str, Node]:
        """Give a top-level section; empty if it is absent or not a mapping."""
        tree = self.source.tree
        found = tree.get(name) if isinstance(tree, dict) else None
        return found if isinstance(found, dict) else NO_NODES

    @cached_property
    def resources(self) -> Mapping[str, Resource]:
        """Give the resources by logical id; what is not a resource is among `findings`."""
        return {
            logical_id: Resource(
                logical_id, str(node["Type"]), node, self, self._construct_path(logical_id, node)
            )
            for logical_id, node in self.section("Resources").items()
            if isinstance(node, dict) and isinstance(node.get("Type"), str)
        }

    def _construct_path(self, logical_id: str, node: Mapping[str, Node]) -> str:
        metadata = node.get("Metadata")
        path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
        return path if isinstance(path, str) else self.paths.get(logical_id, "")

    @cached_property
    def outputs(self) -> Mapping[str, Output]:
        """Give the outputs by name."""
        return {
            name: Output(name, node.get("Value"), _export_name(node.get("Export")), self)
            for name, node in self.section("Outputs").items()
            if isinstance(node, dict)
        }

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Node]]:
        """Give the parameters' declarations by name."""
        return {name: node for name, node in self.section("Parameters").items() if isinstance(node, dict)}

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Report the parts of the template that cannot be read: they are undecided, and no errors in access."""
        return tuple(
            Finding(
                self.source.locate("Resources", logical_id),
                f"resource `{logical_id}` cannot be read: {because}",
                outcome=Outcome.UNDECIDED,
                resource=logical_id,
            )
            for logical_id, node in self.section("Resources").items()
            if (because := _hidden(node) if logical_id in self.resources else _unreadable(logical_id))
        )


def _hidden(resource: Node) -> str:
    """Say why a resource may have more properties than it shows; empty if it cannot."""
    if not isinstance(resource, dict):
        return ""
    if str(resource.get("Type")).endswith("::MODULE"):
        return "the contents of a module are known only at deployment"
    properties = resource.get("Properties")
    # Macros and loops can stand beside the properties or within them.
    keys = (*resource, *(properties if isinstance(properties, dict) else ()))
    made = next((key for key in keys if key.startswith(("Fn::Transform", "Fn::ForEach"))), "")
    return f"`{'::'.join(made.split('::')[:2])}` creates properties only at deployment" if made else ""


def _unreadable(logical_id: str) -> str:
    if logical_id.startswith("Fn::"):
        return f"`{logical_id.rsplit('::', 1)[0]}` creates resources only at deployment"
    return "it is not a mapping with a `Type`"


def _export_name(export: Node) -> Node:
    return export.get("Name") if isinstance(export, dict) else None


@dataclass(eq=False)
class Links:
    """The links between the templates of one assembly: exports by name, nested stacks by their parent.

    Filled once while the assembly is read. `steps` counts the cost of resolution so far, `undecided` has the
    conditions that mattered, and `assumed` decides some of them; see `conditions.assuming`. `deployed` has the names that
    CloudFormation generated, where a deployment is known.
    """

    templates: list[Template] = field(default_factory=list)
    nested: dict[tuple[str, str], Template] = field(default_factory=dict)
    steps: int = 0
    assumed: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    undecided: dict[tuple[str, str], None] = field(default_factory=dict)
    deployed: DeployedNames = NOT_DEPLOYED

    def know(self, names: Mapping[tuple[str, str, str], str]) -> None:
        """Take in the physical ids of resources that are deployed."""
        self.deployed = replace(self.deployed, names={**self.deployed.names, **names})

    @cached_property
    def exports(self) -> Mapping[tuple[str, str, str], Output]:
        """Give the outputs by (account, region, export name); names that only the deployment knows are left out."""
        named = (
            (first_literal(output.export, template), output)
            for template in self.templates
            for output in template.outputs.values()
            if output.export is not None
        )
        return {
            (output.template.account, output.template.region, name): output
            for name, output in named
            if name is not None
        }


@dataclass(frozen=True, eq=False)
class Assembly:
    """Templates that are deployed together, and what of their files could not be used."""

    templates: tuple[Template, ...]
    findings: tuple[Finding, ...] = ()
    """Each makes the input partly unusable: exit code 2, whatever the other templates contain."""
    organization: Organization = NO_ORGANIZATION
    """The control policies that limit the account."""
    organizations: tuple[Organization, ...] = ()
    """The same for each account, if several are read as one; with more than one, `organization` is empty."""
    is_of_several_accounts: bool = False
    left_out: Mapping[str, str] = field(default_factory=dict)
    """The names, by ARN, of users and roles that are no part of the answer to the question for which it was read."""

    @property
    def resources(self) -> Iterator[Resource]:
        """Walk all resources, template by template."""
        return (resource for template in self.templates for resource in template.resources.values())

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Give the resources of some CloudFormation types."""
        return tuple(resource for kind in types for resource in self._by_type.get(kind, ()))

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found
