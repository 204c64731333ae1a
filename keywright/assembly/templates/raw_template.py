"""What resolving sees of templates: what is written in them, and what joins them. `template` gives the things themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.sources.source import Node

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
        """All that stands below it."""

    @property
    def template(self) -> RawTemplate:
        """Where it stands."""


class RawOutput(Protocol):
    """An output as it is written."""

    @property
    def name(self) -> str:
        """Its name in the template."""

    @property
    def value(self) -> Node:
        """Its value, to be worked out in its template."""

    @property
    def template(self) -> RawTemplate:
        """Where it stands."""


class RawLinks(Protocol):
    """What joins templates, and what working them out has cost and asked."""

    steps: int

    @property
    def nested(self) -> Mapping[Place, RawTemplate]:
        """Nested stacks by who holds them: a template's id and a logical id."""

    @property
    def exports(self) -> Mapping[tuple[str, str, str], RawOutput]:
        """Outputs by account, region and export name."""

    @property
    def assumed(self) -> Mapping[Place, bool]:
        """Conditions that are taken to turn out so."""

    @property
    def undecided(self) -> dict[Place, None]:
        """Conditions that mattered."""


class RawTemplate(Protocol):
    """A template as it is written, in its stack."""

    @property
    def id(self) -> str:
        """What tells it from others."""

    @property
    def stack(self) -> str:
        """The stack's name, empty for a file alone."""

    @property
    def account(self) -> str:
        """Its account, empty where nobody pinned it."""

    @property
    def region(self) -> str:
        """Its region, empty where nobody pinned it."""

    @property
    def partition(self) -> str:
        """The partition of its region, or the one that all its ARNs name; empty where nobody says it."""

    @property
    def links(self) -> RawLinks:
        """What joins it to others."""

    @property
    def parameter_values(self) -> Mapping[str, tuple[Node, RawTemplate]]:
        """Parameters that a parent stack hands over, each with the template it is written in."""

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
