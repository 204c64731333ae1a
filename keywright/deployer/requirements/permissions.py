"""A required permission: an action, an ARN and conditions that CloudFormation needs for a resource of an assembly."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.deployer.handlers.refinements import (
    added_handlers,
    is_needed,
    permissions_of_properties,
)
from keywright.deployer.handlers.registry import HANDLERS, resource_type
from keywright.reporting.finding import Finding, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.assembly.templates.template import Resource
    from keywright.policy.statement import Conditions
    from keywright.reporting.finding import Location


GENERATED_NAME = "AWS or CloudFormation generates the name"
UNKNOWN_RESOURCE = "the template does not say which resource the call uses"
NESTED_RESOURCES = "everything inside the resource"
UNKNOWN_ACTION = "the Service Authorization Reference does not list the action"
"""Reasons why an ARN matches more than one resource."""

_CHANGING = frozenset({"create", "update"})
ConditionParts = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Operators, keys and values; hashable, unlike `Conditions`."""


@dataclass(frozen=True)
class RequiredPermission:
    """One action on one ARN, as CloudFormation calls it for a resource.

    `widened` has the reason if the ARN matches more than the one resource; every such request meets the `conditions`.
    """

    action: str
    arn: str
    resource: Resource
    conditions: ConditionParts = ()
    widened: str = ""

    @property
    def as_conditions(self) -> Conditions:
        """Give the conditions in the form of a statement."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for operator, key, values in self.conditions:
            found.setdefault(operator, {})[key] = values
        return found


def undecided_finding(
    resource: Resource, message: str, *, found: str, accepted: str, at: Location | None = None
) -> Finding:
    """Report what is undecided about a resource, at the resource unless a location is given."""
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
class RequiredPermissions:
    """All permissions for an assembly, and what is undecided."""

    permissions: tuple[RequiredPermission, ...]
    undecided: tuple[Finding, ...] = ()


def is_known(type_name: str) -> bool:
    """Tell whether the permissions of a type's handlers are known."""
    return resource_type(type_name) is not None or added_handlers(type_name) is not None


def permissions_of(resource: Resource) -> Mapping[str, tuple[str, ...]]:
    """Give the permissions of a resource's handlers, by handler; empty if they are unknown."""
    known = resource_type(resource.type)
    listed = known.permissions if known else added_handlers(resource.type) or {}
    brought = tuple(permissions_of_properties(resource))
    return {
        handler: tuple(
            each
            for each in (*listed.get(handler, ()), *(brought if handler in _CHANGING else ()))
            if is_needed(each, resource)
        )
        for handler in HANDLERS
    }


def actions_of(resource: Resource) -> tuple[str, ...]:
    """Give the permissions of all handlers of a resource, each once."""
    handlers = permissions_of(resource)
    return tuple(dict.fromkeys(each for permissions in handlers.values() for each in permissions))


EXACT = frozenset(
    {
        "iam:AddUserToGroup",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:PassRole",
        "iam:UpdateAccessKey",
        "iam:UpdateLoginProfile",
        "secretsmanager:GetSecretValue",
    }
)
"""Actions that stay on declared names: no boundary limits them, and later identities under the path may have any access."""
_POLICY = re.compile(r"arn:[^:]*:iam::[^:]*:policy/.*")
BY_PATH = "all names under the path, by `--by-path`"


def widened_to_path(required: Iterable[RequiredPermission]) -> tuple[RequiredPermission, ...]:
    """Widen each ARN with a path to all names under that path; keep the others."""
    return tuple(dict.fromkeys(map(_widened, required)))


def _widened(permission: RequiredPermission) -> RequiredPermission:
    # Managed policies keep their exact ARN, because a boundary or a shared policy can be under the same path.
    if permission.action in EXACT or _POLICY.fullmatch(permission.arn):
        return permission
    arn = under_path(permission.arn)
    return (
        permission
        if arn == permission.arn
        else replace(permission, arn=arn, widened=permission.widened or BY_PATH)
    )


def under_path(arn: str) -> str:
    """Give the pattern of everything under an ARN's path: `role/access/*` for `role/access/deployer`.

    In `role/deployer`, the part before `/` is the resource type and no path.
    """
    fields = arn.split(":", 5)
    if len(fields) < 6:  # noqa: PLR2004 - an ARN's
        return arn
    head, _, _name = fields[5].rpartition("/")
    is_path = "/" in head or (bool(head) and ":" in head)
    # In an S3 ARN the part behind the slash is an object key, not a name under a path.
    return ":".join((*fields[:5], f"{head}/*")) if is_path and fields[2] != "s3" else arn
