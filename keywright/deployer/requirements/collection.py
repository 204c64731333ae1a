"""Gather the needs of an assembly: each permission that its handlers call for, on the narrowest place it can be about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.resolve import is_custom
from keywright.deployer.handlers.refinements import (
    also_on,
    brought_by_properties,
    linked_service,
    reserved_place,
    spelled,
)
from keywright.deployer.requirements import dynamic_references
from keywright.deployer.requirements.arns import anywhere, below, is_of, partition_here
from keywright.deployer.requirements.conditions import conditions_on, in_region
from keywright.deployer.requirements.passed_roles import passed
from keywright.deployer.requirements.permissions import (
    NOT_KNOWN,
    NOT_NAMED,
    UNKNOWN_ACTION,
    WITHIN,
    Needs,
    RequiredPermission,
    actions_of,
    is_known,
    not_known,
)
from keywright.deployer.requirements.references import Place, Surroundings
from keywright.deployer.requirements.used_resources import invoked, keys_used
from keywright.policy.reference import catalogue
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Assembly, Resource

_NAME = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
"""What IAM takes as an action; the registry lists a few words that are none, and that no policy can hold."""
PASS_ROLE, LINKED_ROLE = "iam:PassRole", "iam:CreateServiceLinkedRole"


def needs_of(assembly: Assembly) -> Needs:
    """Gather what all resources, parameters and dynamic references of an assembly call for."""
    around = Surroundings(assembly)
    calls: list[RequiredPermission] = []
    undecided: list[Finding] = []
    for resource in assembly.resources:
        for each in _of_resource(resource, around):
            (undecided if isinstance(each, Finding) else calls).append(each)  # type: ignore[arg-type]
    for each in dynamic_references.of_assembly(assembly, around):
        (undecided if isinstance(each, Finding) else calls).append(each)  # type: ignore[arg-type]
    return Needs(tuple(dict.fromkeys(calls)), tuple(undecided))


def _of_resource(resource: Resource, around: Surroundings) -> Iterator[RequiredPermission | Finding]:
    if not is_known(resource.type):
        yield invoked(resource, around) if is_custom(resource) else _not_listed(resource)
        return
    for permission in actions_of(resource):
        if _NAME.fullmatch(permission):
            yield from _of_permission(_spelled(permission), resource, around)


def _not_listed(resource: Resource) -> Finding:
    return not_known(
        resource,
        f"the permissions to deploy `{resource.label}` are not known: the CloudFormation registry lists no handlers for its type",
        found=f"`{resource.type}`",
        accepted="a type with handlers in the registry, or a policy of your own with its actions",
    )


def _spelled(permission: str) -> str:
    """Spell an action as the Service Authorization Reference does; the registry is careless about case."""
    permission = spelled(permission)
    known = catalogue.action(permission)
    service, _, name = permission.partition(":")
    return str(known) if known else f"{service.lower()}:{name}"


def _of_permission(
    action: str, resource: Resource, around: Surroundings
) -> Iterator[RequiredPermission | Finding]:
    if action == PASS_ROLE:
        yield from passed(resource, around)
    elif action == LINKED_ROLE:
        yield _linked(resource)
    elif reserved := reserved_place(action, resource.type):
        place = f"{_identities(resource)}:{reserved}"
        yield RequiredPermission(action, place, resource, (), NOT_NAMED)
    elif action.startswith("kms:") and not resource.type.startswith("AWS::KMS::"):
        via = action in set(brought_by_properties(resource))
        yield from keys_used(action, resource, around, via_service=via)
    else:
        yield from _placed(action, resource, around)


def _identities(resource: Resource) -> str:
    template = resource.template
    return f"arn:{partition_here(template)}:iam::{template.account or '*'}"


def _linked(resource: Resource) -> RequiredPermission:
    service = linked_service(resource.type)
    place = f"{_identities(resource)}:role/aws-service-role/{f'{service}/' if service else ''}*"
    named = (("StringEquals", "iam:AWSServiceName", (service,)),) if service else ()
    return RequiredPermission(LINKED_ROLE, place, resource, named, "" if service else NOT_KNOWN)


def _placed(action: str, resource: Resource, around: Surroundings) -> Iterator[RequiredPermission]:
    known = catalogue.action(action)
    if known is None and "*" not in action:
        yield from _unlisted(action, resource, around)
        return
    kinds = catalogue.resource_types(known) if known else ()
    if not kinds:
        yield RequiredPermission(
            action, "*", resource, in_region(action, resource.template), _why_everywhere(action)
        )
        return
    for place, widened in _places(action, kinds, resource, around):
        conditions = conditions_on(action, place, resource, around)
        if conditions is not None:
            yield RequiredPermission(action, place.pattern, resource, conditions, widened)


def _unlisted(action: str, resource: Resource, around: Surroundings) -> Iterator[RequiredPermission]:
    """Place what only the registry knows: on the resource itself where that is of the same service, else anywhere."""
    service = action.partition(":")[0]
    own = [each.pattern for each in around.own(resource) if each.pattern.split(":")[2] == service]
    for place in own or ["*"]:
        yield RequiredPermission(action, place, resource, (), UNKNOWN_ACTION)


def _why_everywhere(action: str) -> str:
    """Say why an action goes without a place, unless it takes none: what only looks takes none mostly."""
    if catalogue.action(action) is not None:
        return ""
    matching = tuple(catalogue.matching_actions(action)) if "*" in action else ()
    looks = all(each.levels <= {"list", "read"} for each in matching)
    return "" if matching and looks else UNKNOWN_ACTION


def _places(
    action: str, kinds: tuple[catalogue.ResourceType, ...], resource: Resource, around: Surroundings
) -> Iterator[tuple[Place, str]]:
    """Give a place of each type that the call must be about, and of each other that the template tells of."""
    known = catalogue.action(action)
    required = {*(known.required_types if known else ()), *also_on(action, resource.type)}
    found = {kind.name: tuple(_of_kind(kind, resource, around)) for kind in kinds}
    if not any(found.values()):
        required |= {kind.name for kind in kinds}
    for kind in kinds:
        if found[kind.name]:
            yield from ((each, _why(each, around)) for each in found[kind.name])
        elif kind.name in required:
            yield Place(anywhere(kind, resource.template)), NOT_KNOWN


def _of_kind(kind: catalogue.ResourceType, resource: Resource, around: Surroundings) -> Iterator[Place]:
    """Find the places of a type: the resource itself, or what lies within it, or else what it refers to."""
    own = around.own(resource)
    found = [each for each in own if is_of(each.pattern, kind)] or [
        Place(inner, each.resource) for each in own if (inner := below(each.pattern, kind))
    ]
    yield from found or (each for each in around.near(resource) if is_of(each.pattern, kind))


def _why(place: Place, around: Surroundings) -> str:
    """Say that a place is any of its kind, where the resource's name is made up, or all that lies within one."""
    if place.resource is not None and place not in around.own(place.resource):
        return WITHIN
    resource = place.pattern.split(":", 5)[-1]
    return NOT_NAMED if resource.endswith("/*") or re.fullmatch(r"([^:]+:)?\*", resource) else ""
