"""What CloudFormation asks for when it creates, changes and removes the resources of an assembly: call by call, place by place."""

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
"""Why a place is wider than one thing."""

_CHANGING = frozenset({"create", "update"})
ConditionParts = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Operator, key and values: conditions that can be looked up."""


@dataclass(frozen=True)
class RequiredPermission:
    """One call on one place, as CloudFormation makes it for a resource.

    `widened` says why the place is wider than the one thing that is meant; empty where it is not. `conditions` hold in
    every such request.
    """

    action: str
    arn: str
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


def undecided_finding(
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
class RequiredPermissions:
    """All calls of an assembly, and what could not be told: each of those makes the answer undecided."""

    permissions: tuple[RequiredPermission, ...]
    undecided: tuple[Finding, ...] = ()


def is_known(type_name: str) -> bool:
    """Tell whether somebody says what the handlers of a type call for."""
    return resource_type(type_name) is not None or added_handlers(type_name) is not None


def permissions_of(resource: Resource) -> Mapping[str, tuple[str, ...]]:
    """Give what the handlers of a resource call for, by handler; nothing where nobody says."""
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
"""What stays on the declared names: no boundary is asked for, and what comes under the path later may lead anywhere."""
_POLICY = re.compile(r"arn:[^:]*:iam::[^:]*:policy/.*")
BY_PATH = "all names under the path, by `--by-path`"


def widened_to_path(required: Iterable[RequiredPermission]) -> tuple[RequiredPermission, ...]:
    """Widen each place whose name has a path to all names under that path; others stay as they are."""
    return tuple(dict.fromkeys(map(_widened, required)))


def _widened(permission: RequiredPermission) -> RequiredPermission:
    if permission.action in EXACT or _POLICY.fullmatch(permission.arn):
        return permission
    arn = under_path(permission.arn)
    return (
        permission
        if arn == permission.arn
        else replace(permission, arn=arn, widened=permission.widened or BY_PATH)
    )


def under_path(arn: str) -> str:
    """Give the pattern of everything under a place's path: `role/access/*` for `role/access/deployer`.

    A kind that only separates itself by `/`, such as `role/deployer` or a bucket's name, is no path.
    """
    fields = arn.split(":", 5)
    if len(fields) < 6:  # noqa: PLR2004 - an ARN's
        return arn
    head, _, _name = fields[5].rpartition("/")
    is_path = "/" in head or (bool(head) and ":" in head)
    return ":".join((*fields[:5], f"{head}/*")) if is_path and fields[2] != "s3" else arn
