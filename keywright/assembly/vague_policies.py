"""Policies on resources of which no ARN can be told, or of types that are not known: what each is on can only be guessed.

They are read as what may allow, and never as what surely does; so nobody is denied for certain whom one of them names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.assembly.document import policies_in
from keywright.assembly.physical import PHYSICAL
from keywright.assembly.resource_policies import KNOWN, resource_policies
from keywright.policy.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.document import Policy
    from keywright.assembly.source import Step
    from keywright.assembly.template import Assembly, Resource
    from keywright.assembly.value import Text

_NOT_ON_RESOURCES = (
    "AWS::IAM::",
    "AWS::IoT::",
    "AWS::Organizations::",
    "AWS::SSO::",
    "AWS::EC2::VPCEndpoint",
)
"""Types whose documents grant to identities, or limit."""
_SERVICES = {
    "apigateway": ("executeapi", "apigateway"),
    "cloudtrail": ("cloudtrail", "cloudtraildata"),
    "ecr": ("ecr", "ecrpublic"),
    "efs": ("elasticfilesystem",),
    "elasticsearch": ("es",),
    "eventschemas": ("schemas",),
    "msk": ("kafka", "kafkacluster"),
    "opensearchserverless": ("aoss",),
    "opensearchservice": ("es",),
    "s3": ("s3", "s3express"),
    "vpclattice": ("vpclattice", "vpclatticesvcs"),
}
"""How ARNs and actions spell a service, without dashes, where its types spell it otherwise."""
_SURELY_WHOLE = 24
"""Characters of a logical id that a generated name holds whole."""


@dataclass(frozen=True, eq=False)
class VaguePolicy:
    """A policy, and what names its resource, where anything does."""

    policy: Policy
    targets: tuple[Text, ...] = ()

    def may_be_on(self, resource: str) -> bool:
        """Tell whether it may hang on a resource: of its service, and of no other name."""
        arn = Arn.parse(resource)
        if arn is None:
            return resource == "*"
        spelled = self.policy.holder.type.split("::")[1].lower()
        known = _SERVICES.get(spelled, (spelled,))
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
    """Tell whether an ARN may be that of a resource, by its name or by what CloudFormation makes of its logical id."""
    literal = named.name.literal
    if literal is not None:
        return literal in resource
    is_named = named.type in PHYSICAL and bool(PHYSICAL[named.type].name)
    return not is_named or named.logical_id[:_SURELY_WHOLE].lower() in resource.lower()


def vague_policies(assembly: Assembly) -> Iterator[VaguePolicy]:
    """Walk them."""
    for each in resource_policies(assembly):
        if not any(target.literal and target.literal.startswith("arn:") for target in each.targets):
            yield VaguePolicy(each.policy, each.targets)
    for resource in assembly.resources:
        if resource.type not in KNOWN and not resource.type.startswith(_NOT_ON_RESOURCES):
            for path in _paths(resource):
                yield from (VaguePolicy(each) for each in policies_in(resource, *path))


def _paths(resource: Resource) -> Iterator[tuple[Any, ...]]:
    """Find the properties that hold a policy with principals, as far as no function of the template stands above it."""
    queue: list[tuple[tuple[Step, ...], Any]] = [((), resource.raw.get("Properties"))]
    while queue:
        path, node = queue.pop()
        if path and _names_principals(node):
            yield path
        elif isinstance(node, dict):
            stops = any(str(key).startswith("Fn::") for key in node)
            queue += [(path if stops else (*path, str(key)), each) for key, each in node.items()]
        elif isinstance(node, list):
            inside = bool(path) and not isinstance(resource.properties.get(str(path[0])), tuple)
            queue += [(path if inside else (*path, index), each) for index, each in enumerate(node)]


def _names_principals(node: Any) -> bool:
    text = node if isinstance(node, str) else json.dumps(node, default=str) if _is_document(node) else ""
    return '"Effect"' in text and ('"Principal"' in text or '"NotPrincipal"' in text)


def _is_document(node: Any) -> bool:
    return isinstance(node, dict) and any(str(key).lower() == "statement" for key in node)
