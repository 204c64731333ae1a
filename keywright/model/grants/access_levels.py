"""AWS's own access levels, and which actions a service's resources have at each."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from keywright.policy.reference import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection


class AccessLevel(StrEnum):
    """AWS's own access levels ("Actions, resources, and condition keys", Service Authorization Reference)."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    TAGGING = "tagging"
    PERMISSIONS_MANAGEMENT = "permissions management"


ON_RESOURCE_TAG = "aws:ResourceTag/${TagKey}"
"""How AWS's reference writes that an action, or a type of resource, takes a condition on the resource's tags."""
HARMLESS = frozenset({AccessLevel.LIST, AccessLevel.READ})
"""Levels that may be granted on no resource in particular."""
_NARROWEST_FIRST = (
    AccessLevel.PERMISSIONS_MANAGEMENT,
    AccessLevel.TAGGING,
    AccessLevel.WRITE,
    AccessLevel.READ,
    AccessLevel.LIST,
)


def level_of(action: catalogue.Action) -> AccessLevel:
    """Take the narrowest of an action's levels; the catalogue has `permissions management` beside `write`."""
    return next(level for level in _NARROWEST_FIRST if level in action.levels)


@cache
def actions_on(service: str, resource_type: str) -> tuple[catalogue.Action, ...]:
    """List the actions that AWS authorizes on a resource type, by name; an empty type: on no resource."""
    return tuple(sorted(catalogue.actions_on(service, resource_type), key=str))


def levels_on(
    service: str, resource_types: Collection[str], *, by_tag: bool = False
) -> frozenset[AccessLevel]:
    """Give the levels that have an action on any of these types; no types: on no resource."""
    return frozenset(
        level_of(action)
        for kind in resource_types or ("",)
        for action in actions_on(service, kind)
        if not by_tag or knows_tags(action, kind)
    )


def actions_at(
    service: str, resource_type: str, level: AccessLevel, *, by_tag: bool = False
) -> tuple[str, ...]:
    """Name the actions, without the service, that the catalogue files under a level on a resource type.

    With `by_tag` those alone about which a tag of the resource can decide.
    """
    return tuple(
        action.name
        for action in actions_on(service, resource_type)
        if level_of(action) is level and (not by_tag or knows_tags(action, resource_type))
    )


def knows_tags(action: catalogue.Action, resource_type: str) -> bool:
    """Tell whether AWS holds an action to tags: of the resource by itself, or of each resource of its type."""
    of_type = (
        kind.condition_keys
        for kind in catalogue.resource_types_of(action.service)
        if kind.name == resource_type
    )
    return any(ON_RESOURCE_TAG in keys for keys in (action.condition_keys, *of_type))
