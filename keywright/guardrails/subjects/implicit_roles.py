"""Roles that a template does not contain as resources: those of AWS SAM functions and of IAM Identity Center.

AWS SAM creates a role from the properties of a function, IAM Identity Center one for each permission set. Sources:
"AWS::Serverless::Function" and "AWS::Serverless::StateMachine", AWS SAM Developer Guide; "AWS::SSO::PermissionSet",
CloudFormation template reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import Attachment, Identity, IdentityKind, InlinePolicy
from keywright.assembly.identities.identity_center import (
    PERMISSION_SET,
    PERMISSION_SET_PREFIX,
    REFERENCES,
    permission_set_name,
)
from keywright.assembly.templates.policy_documents import policies_in, read_policy
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.assembly.templates.value import ABSENT, Absent, Text, Value, as_text, possible_values, value_at
from keywright.policy.reference.managed_policies import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.identities.collection import Identities
    from keywright.assembly.sources.source import Step
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.assembly.templates.value import Value


_TYPES = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
_POLICIES = "Policies"


def serverless_roles(assembly: Assembly) -> tuple[Identity, ...]:
    """Return the roles that AWS SAM creates; a function that names a role gets none."""
    return tuple(
        _serverless_role(each) for each in assembly.of_type(*_TYPES) if "Role" not in each.properties
    )


def _serverless_role(resource: Resource) -> Identity:
    name = Text((resource.logical_id,))
    trust = policies_in(resource, "AssumeRolePolicyDocument")
    items = [item for value in resource.possible_values(_POLICIES) for item in _listed_policies(value)]
    documents = [(step, item) for step, item in items if isinstance(item, Mapping) and "Statement" in item]
    return Identity(
        kind=IdentityKind.ROLE,
        resource=resource,
        name=name,
        arn=name,
        trust=trust[0] if trust else None,
        inline_policies=tuple(
            InlinePolicy(IdentityKind.ROLE, name, _inline_policy(resource, step, item))
            for step, item in documents
        ),
        attached=tuple(
            Attachment(_managed_policy_arn(as_text(item)), resource, ("Properties", _POLICIES, *step))
            for step, item in items
            if isinstance(item, Text)
        ),
    )


def _listed_policies(value: Value) -> Iterator[tuple[tuple[Step, ...], Value]]:
    """Yield the listed policies: a single one, or several."""
    if isinstance(value, tuple):
        yield from (((index,), item) for index, item in enumerate(value))
    elif not isinstance(value, Absent):
        yield (), value


def _inline_policy(resource: Resource, step: tuple[Step, ...], document: Value) -> Policy:
    path = ("Properties", _POLICIES, *step)
    return read_policy(Text((_POLICIES,)), resource, path, document)


def _managed_policy_arn(named: Text) -> Text:
    """Return the ARN of an AWS managed policy, which SAM accepts by name."""
    literal = named.literal
    return named if literal is None or ":" in literal else Text((PREFIX + literal,))


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
