"""Roles that a template does not contain as resources: IAM Identity Center creates one for each permission set.

Source: "AWS::SSO::PermissionSet", CloudFormation template reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import Attachment, Identity, IdentityKind
from keywright.assembly.identities.identity_center import (
    PERMISSION_SET,
    PERMISSION_SET_PREFIX,
    REFERENCES,
    permission_set_name,
)
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.assembly.templates.value import ABSENT, Absent, Text, Value, as_text, possible_values, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.identities.collection import Identities
    from keywright.assembly.sources.source import Step
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.assembly.templates.value import Value


_MANAGED, _BOUNDARY = "ManagedPolicies", "PermissionsBoundary"


def permission_set_roles(assembly: Assembly, found: Identities) -> tuple[Identity, ...]:
    """Return a role for each permission set, with its attached policies and boundary."""
    resources = tuple(assembly.of_type(PERMISSION_SET))
    if not resources:
        return ()
    spelling = Spelling()
    policies = {
        (each.holder.template.account, spelling.text(each.holder.arn).partition(":policy/")[2]): each
        for each in found.managed
        if each.holder.arn is not None
    }
    return tuple(_permission_set_role(each, policies) for each in resources)


def _permission_set_role(resource: Resource, policies: Mapping[tuple[str, str], Policy]) -> Identity:
    named = Text((f"{PERMISSION_SET_PREFIX}{permission_set_name(resource)}",))
    return Identity(
        kind=IdentityKind.ROLE,
        resource=resource,
        name=named,
        arn=named,
        attached=tuple(_managed_policies(resource, policies)),
        boundaries=tuple(_permission_set_boundaries(resource, policies)),
    )


def _managed_policies(resource: Resource, policies: Mapping[tuple[str, str], Policy]) -> Iterator[Attachment]:
    for value in possible_values(resource.properties.get(_MANAGED, ABSENT)):
        for index, each in enumerate(value if isinstance(value, tuple) else ()):
            yield Attachment(as_text(each), resource, ("Properties", _MANAGED, index))
    for value in possible_values(resource.properties.get(REFERENCES, ABSENT)):
        if not isinstance(value, tuple | Absent):
            yield Attachment(as_text(value), resource, ("Properties", REFERENCES))
        for index, each in enumerate(value if isinstance(value, tuple) else ()):
            yield _by_name(resource, each, policies, ("Properties", REFERENCES, index))


def _permission_set_boundaries(
    resource: Resource, policies: Mapping[tuple[str, str], Policy]
) -> Iterator[Attachment]:
    for value in possible_values(resource.properties.get(_BOUNDARY, ABSENT)):
        reference = value_at(value, "CustomerManagedPolicyReference")
        if not isinstance(reference, Absent):
            yield _by_name(resource, reference, policies, ("Properties", _BOUNDARY))


def _by_name(
    resource: Resource, reference: Value, policies: Mapping[tuple[str, str], Policy], path: tuple[Step, ...]
) -> Attachment:
    stated = value_at(reference, "Path")
    below = "/" if isinstance(stated, Absent) else str(as_text(stated))
    name = f"{below.lstrip('/')}{as_text(value_at(reference, 'Name'))}"
    return Attachment(Text((name,)), resource, path, policies.get((resource.template.account, name)))
