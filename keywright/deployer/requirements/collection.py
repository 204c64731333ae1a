"""Collect the permissions that the handlers of an assembly need, each on the narrowest ARN that can be determined."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.resolve import is_custom
from keywright.deployer.handlers.refinements import (
    additional_resource_types,
    iam_action,
    linked_service,
    permissions_of_properties,
    reserved_arn,
)
from keywright.deployer.requirements import dynamic_references
from keywright.deployer.requirements.arns import any_of_type, is_of_type, nested_pattern, partition_of_stack
from keywright.deployer.requirements.conditions import conditions_on, in_region
from keywright.deployer.requirements.passed_roles import passed_role_permissions
from keywright.deployer.requirements.permissions import (
    GENERATED_NAME,
    NESTED_RESOURCES,
    UNKNOWN_ACTION,
    UNKNOWN_RESOURCE,
    RequiredPermission,
    RequiredPermissions,
    actions_of,
    is_known,
    undecided_finding,
)
from keywright.deployer.requirements.references import References, ResourceArn
from keywright.deployer.requirements.used_resources import invocation_permission, key_permissions
from keywright.policy.reference import catalogue
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Assembly, Resource

_NAME = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
"""What IAM accepts as an action; the registry lists a few words that are not actions."""
PASS_ROLE, LINKED_ROLE = "iam:PassRole", "iam:CreateServiceLinkedRole"


def required_permissions(assembly: Assembly) -> RequiredPermissions:
    """Collect the permissions for all resources, parameters and dynamic references of an assembly."""
    references = References(assembly)
    permissions: list[RequiredPermission] = []
    undecided: list[Finding] = []
    for resource in assembly.resources:
        for each in _of_resource(resource, references):
            (undecided if isinstance(each, Finding) else permissions).append(each)  # type: ignore[arg-type]
    for each in dynamic_references.dynamic_reference_permissions(assembly, references):
        (undecided if isinstance(each, Finding) else permissions).append(each)  # type: ignore[arg-type]
    return RequiredPermissions(tuple(dict.fromkeys(permissions)), tuple(undecided))


def _of_resource(resource: Resource, references: References) -> Iterator[RequiredPermission | Finding]:
    # A type without known handlers is undecided: to skip it would produce a role that fails in the middle of
    # a deployment.
    if not is_known(resource.type):
        yield invocation_permission(resource, references) if is_custom(resource) else _not_listed(resource)
        return
    for permission in actions_of(resource):
        if _NAME.fullmatch(permission):
            yield from _of_permission(_spelled(permission), resource, references)


def _not_listed(resource: Resource) -> Finding:
    return undecided_finding(
        resource,
        f"the permissions to deploy `{resource.label}` are not known: the CloudFormation registry lists no handlers for its type",
        found=f"`{resource.type}`",
        accepted="a type with handlers in the registry, or a policy of your own with its actions",
    )


def _spelled(permission: str) -> str:
    """Spell an action as the Service Authorization Reference does; the registry varies in case."""
    permission = iam_action(permission)
    known = catalogue.action(permission)
    service, _, name = permission.partition(":")
    return str(known) if known else f"{service.lower()}:{name}"


def _of_permission(
    action: str, resource: Resource, references: References
) -> Iterator[RequiredPermission | Finding]:
    if action == PASS_ROLE:
        yield from passed_role_permissions(resource, references)
    elif action == LINKED_ROLE:
        yield _linked(resource)
    elif reserved := reserved_arn(action, resource.type):
        arn = f"{_identities(resource)}:{reserved}"
        yield RequiredPermission(action, arn, resource, (), GENERATED_NAME)
    elif action.startswith("kms:") and not resource.type.startswith("AWS::KMS::"):
        via = action in set(permissions_of_properties(resource))
        yield from key_permissions(action, resource, references, via_service=via)
    else:
        yield from _placed(action, resource, references)


def _identities(resource: Resource) -> str:
    template = resource.template
    return f"arn:{partition_of_stack(template)}:iam::{template.account or '*'}"


def _linked(resource: Resource) -> RequiredPermission:
    service = linked_service(resource.type)
    arn = f"{_identities(resource)}:role/aws-service-role/{f'{service}/' if service else ''}*"
    named = (("StringEquals", "iam:AWSServiceName", (service,)),) if service else ()
    return RequiredPermission(LINKED_ROLE, arn, resource, named, "" if service else UNKNOWN_RESOURCE)


def _placed(action: str, resource: Resource, references: References) -> Iterator[RequiredPermission]:
    known = catalogue.action(action)
    # An action that the reference does not list may still exist; it is required, and reported as wider than
    # needed.
    if known is None and "*" not in action:
        yield from _unlisted(action, resource, references)
        return
    kinds = catalogue.resource_types(known) if known else ()
    if not kinds:
        yield RequiredPermission(
            action, "*", resource, in_region(action, resource.template), _why_everywhere(action)
        )
        return
    for arn, widened in _places(action, kinds, resource, references):
        conditions = conditions_on(action, arn, resource, references)
        if conditions is not None:
            yield RequiredPermission(action, arn.pattern, resource, conditions, widened)


def _unlisted(action: str, resource: Resource, references: References) -> Iterator[RequiredPermission]:
    """Yield an action that only the registry lists: on the resource itself if the service is the same, else on `*`."""
    service = action.partition(":")[0]
    own = [each.pattern for each in references.arns_of(resource) if each.pattern.split(":")[2] == service]
    for arn in own or ["*"]:
        yield RequiredPermission(action, arn, resource, (), UNKNOWN_ACTION)


def _why_everywhere(action: str) -> str:
    """Explain why an action needs `*`; empty if it supports no resources, as most read-only actions."""
    if catalogue.action(action) is not None:
        return ""
    matching = tuple(catalogue.matching_actions(action)) if "*" in action else ()
    looks = all(each.levels <= {"list", "read"} for each in matching)
    return "" if matching and looks else UNKNOWN_ACTION


def _places(
    action: str, kinds: tuple[catalogue.ResourceType, ...], resource: Resource, references: References
) -> Iterator[tuple[ResourceArn, str]]:
    """Yield an ARN of each required resource type, and of each optional one that the template contains."""
    known = catalogue.action(action)
    required = {*(known.required_types if known else ()), *additional_resource_types(action, resource.type)}
    found = {kind.name: tuple(_of_kind(kind, resource, references)) for kind in kinds}
    # IAM allows a call only if every required resource type is covered, so a type without a known ARN gets
    # the widest one.
    if not any(found.values()):
        required |= {kind.name for kind in kinds}
    for kind in kinds:
        if found[kind.name]:
            yield from ((each, _why(each, references)) for each in found[kind.name])
        elif kind.name in required:
            yield ResourceArn(any_of_type(kind, resource.template)), UNKNOWN_RESOURCE


def _of_kind(
    kind: catalogue.ResourceType, resource: Resource, references: References
) -> Iterator[ResourceArn]:
    """Find the ARNs of a type: of the resource itself, of what is nested under it, or of what it refers to."""
    own = references.arns_of(resource)
    found = [each for each in own if is_of_type(each.pattern, kind)] or [
        ResourceArn(inner, each.resource) for each in own if (inner := nested_pattern(each.pattern, kind))
    ]
    yield from found or (
        each for each in references.referenced_arns(resource) if is_of_type(each.pattern, kind)
    )


def _why(arn: ResourceArn, references: References) -> str:
    """Explain a wide ARN: the name is generated, or everything nested under a resource is meant."""
    if arn.resource is not None and arn not in references.arns_of(arn.resource):
        return NESTED_RESOURCES
    resource = arn.pattern.split(":", 5)[-1]
    return GENERATED_NAME if resource.endswith("/*") or re.fullmatch(r"([^:]+:)?\*", resource) else ""
