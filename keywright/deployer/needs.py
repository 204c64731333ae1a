"""What CloudFormation asks for when it creates, changes and removes the resources of an assembly: call by call, place by place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.deployer.refinements import (
    brought_by_properties,
    handlers_beside_the_registry,
    is_called_for,
)
from keywright.deployer.registry import HANDLERS, resource_type
from keywright.reporting.finding import Finding, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.templates.template import Resource
    from keywright.policy.statement import Conditions
    from keywright.reporting.finding import Location

NOT_NAMED = "CloudFormation or AWS makes its name up"
NOT_KNOWN = "which of them the call is about, the template does not tell"
WITHIN = "everything within it"
UNKNOWN_ACTION = "the Service Authorization Reference does not list the action"
"""Why a place is wider than one thing."""

_CHANGING = frozenset({"create", "update"})
ConditionParts = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Operator, key and values: conditions that can be looked up."""


@dataclass(frozen=True)
class Need:
    """One call on one place, as CloudFormation makes it for a resource.

    `widened` says why the place is wider than the one thing that is meant; empty where it is not. `conditions` hold in
    every such request.
    """

    action: str
    place: str
    resource: Resource
    conditions: ConditionParts = ()
    widened: str = ""

    @property
    def as_conditions(self) -> Conditions:
        """Give the conditions as statements hold them."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for operator, key, values in self.conditions:
            found.setdefault(operator, {})[key] = values
        return found


def not_known(
    resource: Resource, message: str, *, found: str, accepted: str, at: Location | None = None
) -> Finding:
    """Say what can't be told of a resource; it stands at the resource unless a place is given."""
    return Finding(
        at or resource.location,
        message,
        found,
        accepted,
        outcome=Outcome.UNDECIDED,
        resource=resource.logical_id,
        path=resource.construct_path,
    )


@dataclass(frozen=True)
class Needs:
    """All calls of an assembly, and what could not be told: each of those makes the answer undecided."""

    calls: tuple[Need, ...]
    undecided: tuple[Finding, ...] = ()


def is_known(type_name: str) -> bool:
    """Tell whether somebody says what the handlers of a type call for."""
    return resource_type(type_name) is not None or handlers_beside_the_registry(type_name) is not None


def permissions_of(resource: Resource) -> Mapping[str, tuple[str, ...]]:
    """Give what the handlers of a resource call for, by handler; nothing where nobody says."""
    known = resource_type(resource.type)
    listed = known.permissions if known else handlers_beside_the_registry(resource.type) or {}
    brought = tuple(brought_by_properties(resource))
    return {
        handler: tuple(
            each
            for each in (*listed.get(handler, ()), *(brought if handler in _CHANGING else ()))
            if is_called_for(each, resource)
        )
        for handler in HANDLERS
    }


def actions_of(resource: Resource) -> tuple[str, ...]:
    """Give the permissions of all handlers of a resource, each once."""
    handlers = permissions_of(resource)
    return tuple(dict.fromkeys(each for permissions in handlers.values() for each in permissions))
