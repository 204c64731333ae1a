"""The parts of templates that resolution uses, as protocols: `template` defines the classes and imports `resolve`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.deployed_names import DeployedNames

    Place = tuple[str, str]


class RawResource(Protocol):
    """A resource as it is written."""

    @property
    def logical_id(self) -> str:
        """Its name in the template."""

    @property
    def type(self) -> str:
        """Its type."""

    @property
    def raw(self) -> Mapping[str, Node]:
        """Its content."""

    @property
    def template(self) -> RawTemplate:
        """Its template."""


class RawOutput(Protocol):
    """An output as it is written."""

    @property
    def name(self) -> str:
        """Its name in the template."""

    @property
    def value(self) -> Node:
        """Its value, unresolved."""

    @property
    def template(self) -> RawTemplate:
        """Its template."""


class RawLinks(Protocol):
    """The links between templates, with the cost of resolution and the conditions that mattered so far."""

    steps: int

    @property
    def nested(self) -> Mapping[Place, RawTemplate]:
        """Nested stacks by the id of the parent template and the logical id."""

    @property
    def exports(self) -> Mapping[tuple[str, str, str], RawOutput]:
        """Outputs by account, region and export name."""

    @property
    def assumed(self) -> Mapping[Place, bool]:
        """Conditions that are assumed to hold or not."""

    @property
    def undecided(self) -> dict[Place, None]:
        """Conditions that mattered."""

    @property
    def deployed(self) -> DeployedNames:
        """Names that are known of the deployed stacks."""


class RawTemplate(Protocol):
    """A template as it is written, in its stack."""

    @property
    def id(self) -> str:
        """Its id, unique in the assembly."""

    @property
    def stack(self) -> str:
        """The stack's name, empty for a file alone."""

    @property
    def account(self) -> str:
        """Its account; empty if unknown."""

    @property
    def region(self) -> str:
        """Its region; empty if unknown."""

    @property
    def partition(self) -> str:
        """The partition of its region, or the one of all its ARNs; empty if unknown."""

    @property
    def links(self) -> RawLinks:
        """What joins it to others."""

    @property
    def parameter_values(self) -> Mapping[str, tuple[Node, RawTemplate]]:
        """The parameter values that a parent stack passes, each with the template it is written in."""

    @property
    def resources(self) -> Mapping[str, RawResource]:
        """Its resources by logical id."""

    @property
    def outputs(self) -> Mapping[str, RawOutput]:
        """Its outputs by name."""

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Node]]:
        """Its parameters' declarations by name."""

    def section(self, name: str) -> Mapping[str, Node]:
        """Give a top-level section."""
