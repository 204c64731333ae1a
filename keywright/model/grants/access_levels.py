"""AWS's access levels, and the actions of each level on a resource type."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from keywright.policy.reference import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection


class AccessLevel(StrEnum):
    """AWS's access levels ("Actions, resources, and condition keys", Service Authorization Reference)."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    TAGGING = "tagging"
    PERMISSIONS_MANAGEMENT = "permissions management"


ON_RESOURCE_TAG = "aws:ResourceTag/${TagKey}"
"""The condition key in AWS's reference of an action or resource type that supports conditions on resource tags."""
WITHOUT_RESOURCE = frozenset({AccessLevel.LIST, AccessLevel.READ})
"""Levels that can be granted without a resource."""
_NARROWEST_FIRST = (
    AccessLevel.PERMISSIONS_MANAGEMENT,
    AccessLevel.TAGGING,
    AccessLevel.WRITE,
    AccessLevel.READ,
    AccessLevel.LIST,
)


def level_of(action: catalogue.Action) -> AccessLevel:
    """Give the narrowest of an action's levels: the catalogue lists `permissions management` actions as `write` too."""
    return next(level for level in _NARROWEST_FIRST if level in action.levels)


# Validation and synthesis ask for the same services again and again.
@cache
def actions_on(service: str, resource_type: str) -> tuple[catalogue.Action, ...]:
    """List the actions that AWS authorizes on a resource type, by name; an empty type means without a resource."""
    return tuple(sorted(catalogue.actions_on(service, resource_type), key=str))


def levels_on(
    service: str, resource_types: Collection[str], *, by_tag: bool = False
) -> frozenset[AccessLevel]:
    """Give the levels with an action on any of these types; no types means without a resource."""
    return frozenset(
        level_of(action)
        for kind in resource_types or ("",)
        for action in actions_on(service, kind)
        if not by_tag or supports_tag_conditions(action, kind)
    )


def actions_at(
    service: str, resource_type: str, level: AccessLevel, *, by_tag: bool = False
) -> tuple[str, ...]:
    """List the names of the actions of a level on a resource type.

    With `by_tag` only those that support a condition on the resource's tags.
    """
    return tuple(
        action.name
        for action in actions_on(service, resource_type)
        if level_of(action) is level and (not by_tag or supports_tag_conditions(action, resource_type))
    )


def supports_tag_conditions(action: catalogue.Action, resource_type: str) -> bool:
    """Tell whether an action, or each action on the resource type, supports conditions on resource tags."""
    of_type = (
        kind.condition_keys
        for kind in catalogue.resource_types_of(action.service)
        if kind.name == resource_type
    )
    return any(ON_RESOURCE_TAG in keys for keys in (action.condition_keys, *of_type))
