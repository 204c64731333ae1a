"""The conditions under which a call is let through: whose boundary, which policy, in which region."""

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
"""How names of actions begin by which an identity comes to more; what only takes away needs no condition."""

REMOVE_BOUNDARY_ACTIONS = ("iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary")
"""What a handler calls only where the template no longer names a boundary."""


def conditions_on(
    action: str, arn: ResourceArn, resource: Resource, references: References
) -> ConditionParts | None:
    """Give what holds of each such call; None where the template makes none, as one that attaches no policy does."""
    found: list[tuple[str, str, tuple[str, ...]]] = []
    known = catalogue.action(action)
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
    """Give the permissions boundaries that an identity may have; none where it may lack one."""
    if identity is None or "PermissionsBoundary" not in identity.properties:
        return ()
    given = possible_values(identity.properties["PermissionsBoundary"])
    if any(isinstance(each, Absent) for each in given):
        return ()
    found = tuple(sorted({one for each in given for one in _policies(as_text(each), identity, references)}))
    return () if any("*" in each for each in found) else found


def _attached(resource: Resource, references: References) -> Iterator[str]:
    """Yield the managed policies that a resource attaches: those it lists, or itself."""
    if resource.type == "AWS::IAM::ManagedPolicy":
        yield from (each.pattern for each in references.arns_of(resource))
    for each in possible_values(resource.properties.get("ManagedPolicyArns", ABSENT)):
        for text in as_texts(each):
            yield from _policies(text, resource, references)


def _policies(text: Text, resource: Resource, references: References) -> Iterator[str]:
    """Give a managed policy's ARN; of one of the assembly, whose name is made up, the pattern."""
    for unknown in text.unknowns:
        referred = resource.template.resources.get(unknown.reference)
        if referred is not None and len(text.parts) == 1:
            yield from (each.pattern for each in references.arns_of(referred))
            return
    yield pattern_of(text)


def in_region(action: str, template: Template) -> ConditionParts:
    """Keep what takes no place to the stack's region, where its service is one of regions."""
    if not template.region or not _is_regional(action.partition(":")[0]):
        return ()
    return (("StringEquals", "aws:RequestedRegion", (template.region,)),)


@cache
def _is_regional(service: str) -> bool:
    kinds = catalogue.resource_types_of(service)
    regional = sum("${Region}" in each.arn_format for each in kinds)
    return regional > len(kinds) - regional
