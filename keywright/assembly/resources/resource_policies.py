"""Resource-based policies of buckets, keys, secrets, queues, topics, functions and other resources.

Source: "AWS services that work with IAM", IAM User Guide, and the CloudFormation template reference for the
properties. A policy whose target has no known ARN, or whose type is not in these tables, counts only as one that may
allow: nobody is denied for certain by it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.physical_names import PHYSICAL_NAMES
from keywright.assembly.templates.policy_documents import (
    Policy,
    TemplateDocument,
    TemplateStatement,
    policies_in,
)
from keywright.assembly.templates.value import (
    ABSENT,
    Absent,
    Text,
    as_text,
    possible_values,
    value_at,
)
from keywright.policy.matching.arn import Arn
from keywright.policy.statement import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.sources.source import Step
    from keywright.assembly.templates.template import Assembly, Resource


@dataclass(frozen=True)
class ResourcePolicy:
    """A policy on resources; `targets` name them as the template does (a bucket's name, a queue's URL, an ARN)."""

    targets: tuple[Text, ...]
    policy: Policy


_TYPES = json.loads(Path(__file__).with_name("policy_types.json").read_bytes())
_OWN: Mapping[str, list[list[str]]] = _TYPES["own"]
"""Types with a policy on themselves: the paths of its properties."""
_OF_ANOTHER: Mapping[str, tuple[str, str]] = _TYPES["of_another"]
"""Types that attach a policy to another resource: the properties with its target and the document."""
_PERMISSIONS: Mapping[str, str] = _TYPES["permissions"]
"""Types that are one statement each: the property with its target."""
_PERMISSION_CONDITIONS: Mapping[str, tuple[str, str]] = _TYPES["permission_conditions"]
"""Properties of a permission that become a condition: its operator and key."""
_SERVICES: Mapping[str, list[str]] = _TYPES["services"]
"""How ARNs and actions write a service (without dashes) whose resource types write it differently."""
READ_TYPES = frozenset({*_OWN, *_OF_ANOTHER, *_PERMISSIONS})
"""The types in these tables."""


def resource_policies(assembly: Assembly) -> Iterator[ResourcePolicy]:
    """Walk the resource-based policies of an assembly; trust policies are with their roles."""
    for kind, paths in _OWN.items():
        for resource in assembly.of_type(kind):
            for path in paths:
                for policy in policies_in(resource, *path):
                    yield ResourcePolicy((_own_arn(resource),), policy)
    for kind, (target, document) in _OF_ANOTHER.items():
        for resource in assembly.of_type(kind):
            for policy in policies_in(resource, document):
                yield ResourcePolicy(resource.texts(target), policy)
    yield from _permissions(assembly)


def _permissions(assembly: Assembly) -> Iterator[ResourcePolicy]:
    for kind, target in _PERMISSIONS.items():
        for resource in assembly.of_type(kind):
            if "Statement" not in resource.properties:
                yield ResourcePolicy(resource.texts(target), _permission(resource, target))


def _own_arn(resource: Resource) -> Text:
    return resource.arn or resource.name


def _permission(resource: Resource, target: str) -> Policy:
    """Read a permission of a function, a layer or an event bus as the statement that the service makes of it."""
    statement = TemplateStatement(
        effect=Effect.ALLOW,
        actions=resource.texts("Action"),
        resources=resource.texts(target),
        principals=_principals(resource.texts("Principal")),
        conditions=_conditions(resource),
    )
    documents = (TemplateDocument((statement,), "2012-10-17"),)
    return Policy(Text(("permission",)), resource, ("Properties",), lambda: documents)


def _principals(names: tuple[Text, ...]) -> dict[str, tuple[Text, ...]]:
    found: dict[str, tuple[Text, ...]] = {}
    for name in names:
        kind = "*" if name.literal == "*" else "Service" if "amazonaws.com" in name.suffix else "AWS"
        found[kind] = (*found.get(kind, ()), name)
    return found


def _conditions(resource: Resource) -> dict[str, dict[str, tuple[Text, ...]]]:
    found: dict[str, dict[str, tuple[Text, ...]]] = {}
    for name, (operator, key) in _PERMISSION_CONDITIONS.items():
        value = resource.properties.get(name, ABSENT)
        if not any(isinstance(each, Absent) for each in possible_values(value)):
            found.setdefault(operator, {})[key] = tuple(as_text(each) for each in possible_values(value))
    for condition in possible_values(resource.properties.get("Condition", ABSENT)):
        kind, asked, given = (as_text(value_at(condition, each)) for each in ("Type", "Key", "Value"))
        if kind.literal and asked.literal:
            found.setdefault(kind.literal, {})[asked.literal] = (given,)
    return found


_NOT_ON_RESOURCES = (
    "AWS::IAM::",
    "AWS::IoT::",
    "AWS::Organizations::",
    "AWS::SSO::",
    "AWS::EC2::VPCEndpoint",
)
"""Types whose documents grant to identities, or limit."""
_SURELY_WHOLE = 24
"""Characters of a logical id that a generated name always keeps."""


@dataclass(frozen=True, eq=False)
class UnlocatedPolicy:
    """A policy, and the texts that name its resource, if any."""

    policy: Policy
    targets: tuple[Text, ...] = ()

    def may_be_on(self, resource: str) -> bool:
        """Tell whether it may be attached to a resource: of its service, and under no other name."""
        arn = Arn.parse(resource)
        if arn is None:
            return resource == "*"
        # CloudFormation knows no type without `::`, so the policy could be on any service.
        service = self.policy.holder.type.partition("::")[2].partition("::")[0].lower()
        known = _SERVICES.get(service, [service]) if service else [arn.service.replace("-", "")]
        return arn.service.replace("-", "") in known and (
            not self.targets or any(self._may_name(each, resource) for each in self.targets)
        )

    def _may_name(self, target: Text, resource: str) -> bool:
        if target.literal is not None:
            return target.literal.rpartition("/")[2].rpartition(":")[2] in resource
        if "<" in resource:
            return any(each.symbol in resource for each in target.unknowns)
        named = [self.policy.holder.template.resources.get(each.reference) for each in target.unknowns]
        written = (part for part in target.parts if isinstance(part, str))
        return all(part in resource for part in written) and any(
            each is None or _may_be_called(each, resource) for each in named
        )


def _may_be_called(named: Resource, resource: str) -> bool:
    """Tell whether an ARN may be a resource's, by its name or by the one generated from its logical id."""
    literal = named.name.literal
    if literal is not None:
        return literal in resource
    is_named = named.type in PHYSICAL_NAMES and bool(PHYSICAL_NAMES[named.type].name)
    # A generated bucket name is in lower case, and a long logical id is shortened in it.
    return not is_named or named.logical_id[:_SURELY_WHOLE].lower() in resource.lower()


def unlocated_policies(assembly: Assembly) -> Iterator[UnlocatedPolicy]:
    """Give the policies on resources without a known ARN."""
    for each in resource_policies(assembly):
        if not any(target.literal and target.literal.startswith("arn:") for target in each.targets):
            yield UnlocatedPolicy(each.policy, each.targets)
    for resource in assembly.resources:
        if resource.type not in READ_TYPES and not resource.type.startswith(_NOT_ON_RESOURCES):
            for path in _paths(resource):
                yield from (UnlocatedPolicy(each) for each in policies_in(resource, *path))


def _paths(resource: Resource) -> Iterator[tuple[Any, ...]]:
    """Find the properties with a policy that names principals, down to the first intrinsic function."""
    queue: list[tuple[tuple[Step, ...], Any]] = [((), resource.raw.get("Properties"))]
    while queue:
        path, node = queue.pop()
        if path and _names_principals(node):
            yield path
        elif isinstance(node, dict):
            # Below an intrinsic function the path of the resolved value is another one.
            stops = any(str(key).startswith("Fn::") for key in node)
            queue += [(path if stops else (*path, str(key)), each) for key, each in node.items()]
        elif isinstance(node, list):
            inside = bool(path) and not isinstance(resource.properties.get(str(path[0])), tuple)
            queue += [(path if inside else (*path, index), each) for index, each in enumerate(node)]


def _names_principals(node: Any) -> bool:
    text = node if isinstance(node, str) else json.dumps(node, default=str) if _is_document(node) else ""
    # Only a policy with principals can be resource-based; searching the text also finds one that is written
    # as JSON text.
    return '"Effect"' in text and ('"Principal"' in text or '"NotPrincipal"' in text)


def _is_document(node: Any) -> bool:
    return isinstance(node, dict) and any(str(key).lower() == "statement" for key in node)
