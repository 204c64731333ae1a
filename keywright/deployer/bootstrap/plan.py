"""The execution roles that a bootstrap makes, and what each may do: the everyday one and the founder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.deployer.bootstrap.boundary import boundary_denials
from keywright.deployer.bootstrap.escalation import ADD_TO_GROUP, REMOVE_FROM_GROUP
from keywright.deployer.bootstrap.protected import ProtectedResources, is_wildcard_name
from keywright.deployer.handlers.refinements import affects_other_resources
from keywright.deployer.requirements.collection import required_permissions
from keywright.deployer.requirements.permissions import widened_to_path
from keywright.deployer.requirements.references import References
from keywright.deployer.requirements.used_resources import INVOKE_ACTIONS
from keywright.policy.compaction import merge_statements
from keywright.policy.reference import catalogue
from keywright.policy.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.deployer.requirements.permissions import (
        ConditionParts,
        RequiredPermission,
        RequiredPermissions,
    )

UPDATE_ROLE, BOOTSTRAP_ROLE = "keywright-deployer", "keywright-founder"
READ_LEVELS = frozenset({"list", "read"})


@dataclass(frozen=True)
class Plan:
    """All that a bootstrap is made from.

    `update_permissions` holds the calls of the everyday role, `required` those of the founder; `protected` says why a resource is the
    founder's. `boundary_denials` are the statements that deny, in the everyday role's boundary.
    """

    assembly: Assembly
    required: RequiredPermissions
    update_permissions: tuple[RequiredPermission, ...]
    protected: Mapping[Resource, str]
    boundary_denials: tuple[Statement, ...]


def plan_of(assembly: Assembly, *, by_path: bool = False) -> Plan:
    """Work out what deploying an assembly takes; `by_path` lets names under one path come and go."""
    references = References(assembly)
    required = required_permissions(assembly)
    protected = ProtectedResources(assembly, references)
    update_permissions = tuple(each for each in required.permissions if is_update_permission(each, protected))
    if by_path:
        update_permissions, required = (
            widened_to_path(update_permissions),
            replace(required, permissions=widened_to_path(required.permissions)),
        )
    return Plan(
        assembly,
        required,
        update_permissions,
        protected.all,
        boundary_denials(update_permissions, assembly, protected, references),
    )


def is_update_permission(permission: RequiredPermission, protected: ProtectedResources) -> bool:
    """Tell whether a call is one of every day: for and on nothing sealed, or one that changes nothing of it."""
    if permission.action in INVOKE_ACTIONS.values() or is_read_only(permission.action):
        return True
    if permission.resource in protected.all:
        return False
    if permission.action in {ADD_TO_GROUP, REMOVE_FROM_GROUP}:
        return permission.action == REMOVE_FROM_GROUP or permission.arn in protected.open_groups
    if permission.widened and affects_other_resources(permission.action):
        return False
    return permission.arn not in protected.arns and not is_wildcard_name(permission.arn)


def is_read_only(action: str) -> bool:
    """Tell whether an action is known to change nothing."""
    known = catalogue.action(action)
    return known is not None and known.levels <= READ_LEVELS


def statements_of(required: Iterable[RequiredPermission]) -> tuple[Statement, ...]:
    """Give statements that allow exactly these calls, as few as there can be; their order is that of their words."""
    found: dict[tuple[str, ConditionParts], list[RequiredPermission]] = {}
    for each in required:
        found.setdefault((each.arn, each.conditions), []).append(each)
    return merge_statements(
        Statement(
            actions=tuple({each.action for each in permissions}),
            resources=(arn,),
            conditions=permissions[0].as_conditions,
        )
        for (arn, _), permissions in found.items()
    )
