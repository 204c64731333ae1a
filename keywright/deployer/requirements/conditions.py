"""Conditions on required permissions: the permissions boundary, the attached policy, the region."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import ABSENT, Absent, as_text, as_texts, possible_values
from keywright.deployer.requirements.arns import pattern_of
from keywright.policy.reference import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Resource, Template
    from keywright.assembly.templates.value import Text
    from keywright.deployer.requirements.permissions import ConditionParts
    from keywright.deployer.requirements.references import References, ResourceArn

BOUNDARY, POLICY = "iam:PermissionsBoundary", "iam:PolicyARN"
_GRANTING_PREFIXES = ("Attach", "Create", "Put", "Update")
"""Prefixes of actions that can add access; actions that only remove access need no condition."""

REMOVE_BOUNDARY_ACTIONS = ("iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary")
"""A handler calls these only when the template no longer names a boundary."""


def conditions_on(
    action: str, arn: ResourceArn, resource: Resource, references: References
) -> ConditionParts | None:
    """Give the conditions that every such call meets; None if the template causes no such call."""
    found: list[tuple[str, str, tuple[str, ...]]] = []
    known = catalogue.action(action)
    # A handler removes a boundary only if the template no longer has one, so the permission is left out where
    # it has.
    if action in REMOVE_BOUNDARY_ACTIONS and boundaries_of(arn.resource, references):
        return None
    keys = known.condition_keys if known and known.name.startswith(_GRANTING_PREFIXES) else ()
    if BOUNDARY in keys:
        boundaries = boundaries_of(arn.resource, references)
        found += [("StringEquals", BOUNDARY, boundaries)] if boundaries else []
    if POLICY in keys:
        attached = tuple(sorted(_attached(resource, references)))
        if not attached:
            return None
        found.append(("ArnLike" if any("*" in each for each in attached) else "ArnEquals", POLICY, attached))
    return tuple(found)


def boundaries_of(identity: Resource | None, references: References) -> tuple[str, ...]:
    """Give the possible permissions boundaries of an identity; none if it may have no boundary."""
    if identity is None or "PermissionsBoundary" not in identity.properties:
        return ()
    given = possible_values(identity.properties["PermissionsBoundary"])
    if any(isinstance(each, Absent) for each in given):
        return ()
    found = tuple(sorted({one for each in given for one in _policies(as_text(each), identity, references)}))
    # `StringEquals` would compare a wildcard literally and deny every call.
    return () if any("*" in each for each in found) else found


def _attached(resource: Resource, references: References) -> Iterator[str]:
    """Yield the managed policies that a resource attaches: the listed ones, or itself."""
    if resource.type == "AWS::IAM::ManagedPolicy":
        yield from (each.pattern for each in references.arns_of(resource))
    for each in possible_values(resource.properties.get("ManagedPolicyArns", ABSENT)):
        for text in as_texts(each):
            yield from _policies(text, resource, references)


def _policies(text: Text, resource: Resource, references: References) -> Iterator[str]:
    """Yield the ARN of a managed policy, or the pattern if its name is generated."""
    for unknown in text.unknowns:
        referred = resource.template.resources.get(unknown.reference)
        if referred is not None and len(text.parts) == 1:
            yield from (each.pattern for each in references.arns_of(referred))
            return
    yield pattern_of(text)


def in_region(action: str, template: Template) -> ConditionParts:
    """Limit an action without resources to the stack's region, if its service is regional."""
    if not template.region or not _is_regional(action.partition(":")[0]):
        return ()
    return (("StringEquals", "aws:RequestedRegion", (template.region,)),)


@cache
def _is_regional(service: str) -> bool:
    kinds = catalogue.resource_types_of(service)
    # Global services are called in one fixed region, and a condition on the stack's region would deny them.
    regional = sum("${Region}" in each.arn_format for each in kinds)
    return regional > len(kinds) - regional
