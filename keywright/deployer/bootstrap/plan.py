"""The plan of a bootstrap: the permissions of its two execution roles, the update role and the bootstrap role."""

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
    """Everything that a bootstrap template is made from.

    The update role has `update_permissions`, the bootstrap role has all that are `required`. `protected` has the reason why
    only the bootstrap role can change a resource. `boundary_denials` are the Deny statements of the update role's boundary.
    """

    assembly: Assembly
    required: RequiredPermissions
    update_permissions: tuple[RequiredPermission, ...]
    protected: Mapping[Resource, str]
    boundary_denials: tuple[Statement, ...]


def plan_of(assembly: Assembly, *, by_path: bool = False) -> Plan:
    """Find the permissions to deploy an assembly; with `by_path`, later names under the same paths are allowed too."""
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
    """Tell whether the update role gets a permission: it changes no protected resource."""
    # Calling or reading a protected resource does not change it, and the update role needs both for custom
    # resources and lookups.
    if permission.action in INVOKE_ACTIONS.values() or is_read_only(permission.action):
        return True
    if permission.resource in protected.all:
        return False
    if permission.action in {ADD_TO_GROUP, REMOVE_FROM_GROUP}:
        # Only adding a member gives a user policies, so only that is restricted to open groups.
        return permission.action == REMOVE_FROM_GROUP or permission.arn in protected.open_groups
    # With a generated name, the ARN would match resources of others too.
    if permission.widened and affects_other_resources(permission.action):
        return False
    return permission.arn not in protected.arns and not is_wildcard_name(permission.arn)


def is_read_only(action: str) -> bool:
    """Tell whether an action is known to be read-only."""
    known = catalogue.action(action)
    # An action that the catalogue does not list counts as a change: the catalogue lags behind AWS.
    return known is not None and known.levels <= READ_LEVELS


def statements_of(required: Iterable[RequiredPermission]) -> tuple[Statement, ...]:
    """Give the fewest statements that allow exactly these permissions, in a stable order."""
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
