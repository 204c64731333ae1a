"""Permissions to pass roles: each role by name, to the services that it trusts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.policy_documents import policies_in
from keywright.deployer.requirements.permissions import RequiredPermission, undecided_finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.template import Resource
    from keywright.deployer.requirements.permissions import ConditionParts
    from keywright.deployer.requirements.references import References
    from keywright.reporting.finding import Finding

ROLE = "AWS::IAM::Role"
_ROLE_ARN = re.compile(r"arn:[^:]*:iam::[^:]*:role/.+")
_ROLE_PROPERTY = re.compile(r".*Roles?(Arns?|Name)?$|IamInstanceProfile|InstanceProfileName|LaunchTemplate")
"""Properties that name a role, or something that contains a role."""
OUTSIDE = "the role is outside of the assembly, so the services that it trusts are not known"


def passed_role_permissions(
    resource: Resource, references: References
) -> Iterator[RequiredPermission | Finding]:
    """Yield a permission for each role that the resource passes, and a finding for each unknown role."""
    # The search stops at a role: what a role refers to is not passed with it.
    for role in references.referenced_resources(resource, stop=ROLE):
        if role.type == ROLE:
            for arn in references.arns_of(role):
                yield RequiredPermission("iam:PassRole", arn.pattern, resource, _to_services(role))
    for pattern in _outside(resource, references):
        yield RequiredPermission("iam:PassRole", pattern, resource, (), OUTSIDE)
    for name in sorted(_unknown_roles(resource, references)):
        yield undecided_finding(
            resource,
            f"the role that `{resource.label}` passes is not known",
            found=f"`{name}`",
            accepted="a role of the assembly, or an ARN",
            at=resource.locate("Properties", name.partition(".")[0]),
        )


def passes_outside(resource: Resource, references: References) -> bool:
    """Tell whether a resource names a role outside of the assembly."""
    return any(True for _ in _outside(resource, references))


def _outside(resource: Resource, references: References) -> Iterator[str]:
    for arn in references.referenced_arns(resource):
        if arn.resource is None and _ROLE_ARN.fullmatch(arn.pattern):
            yield arn.pattern


def _to_services(role: Resource) -> ConditionParts:
    """Limit passing to the services that the role trusts; without limit if these are unknown."""
    services = {
        text.literal
        for policy in policies_in(role, "AssumeRolePolicyDocument")
        for statement in policy.statements
        for text in statement.principals.get("Service", ())
    }
    # iam:PassedToService is checked at passing ("Granting a user permissions to pass a role to an AWS service").
    known = tuple(sorted(each for each in services if each))
    return (("StringEquals", "iam:PassedToService", known),) if known and None not in services else ()


def _unknown_roles(resource: Resource, references: References) -> set[str]:
    """Give the properties that pass a role, or something with a role, that is not in the assembly."""
    properties = resource.raw.get("Properties")
    if not isinstance(properties, dict):
        return set()
    known = {arn.pattern for arn in references.referenced_arns(resource)}
    # An instance profile's own name is no role that it passes.
    own = {"InstanceProfileName"} if resource.type == "AWS::IAM::InstanceProfile" else set()
    named = ((name, node) for name, node in _role_properties(properties) if name not in own)
    return {name for name, node in named if not _is_known(node, resource, known)}


def _role_properties(node: Node, path: str = "") -> list[tuple[str, Node]]:
    if isinstance(node, list):
        return [found for each in node for found in _role_properties(each, path)]
    if not isinstance(node, dict) or "Statement" in node:
        return []
    found: list[tuple[str, Node]] = []
    for key, each in node.items():
        name = f"{path}.{key}" if path else key
        found += [(name, each)] if _ROLE_PROPERTY.fullmatch(key) else _role_properties(each, name)
    return found


def _is_known(node: Node, resource: Resource, known: set[str]) -> bool:
    """Tell whether a value refers to the assembly, or is a known name or ARN."""
    if isinstance(node, list):
        return all(_is_known(each, resource, known) for each in node)
    if isinstance(node, str):
        return node in known or any(each.endswith(f"/{node}") for each in known)
    if not isinstance(node, dict):
        return True
    written = str(node)
    if any(f"'{each}'" in written or f"${{{each}" in written for each in resource.template.resources):
        return True
    return any(each in known or each.startswith("arn:") for each in _strings(node))


def _strings(node: Node) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, list):
        return [one for each in node for one in _strings(each)]
    return [one for each in node.values() for one in _strings(each)] if isinstance(node, dict) else []
