"""The roles that AWS SAM makes of a function's own properties: its policies, and who may assume it.

Source: "AWS::Serverless::Function" and "AWS::Serverless::StateMachine", AWS SAM Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import Attachment, Identity, IdentityKind, InlinePolicy
from keywright.assembly.templates.policy_documents import policies_in, read_policy
from keywright.assembly.templates.value import Absent, Text, Value, as_text
from keywright.policy.reference.managed_policies import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.sources.source import Step
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Assembly, Resource

_TYPES = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
_POLICIES = "Policies"


def serverless_roles(assembly: Assembly) -> tuple[Identity, ...]:
    """Give the roles that the template does not write out; one with a role of its own is given none."""
    return tuple(_role(each) for each in assembly.of_type(*_TYPES) if "Role" not in each.properties)


def _role(resource: Resource) -> Identity:
    name = Text((resource.logical_id,))
    trust = policies_in(resource, "AssumeRolePolicyDocument")
    items = [item for value in resource.readings(_POLICIES) for item in _items(value)]
    documents = [(step, item) for step, item in items if isinstance(item, Mapping) and "Statement" in item]
    return Identity(
        kind=IdentityKind.ROLE,
        resource=resource,
        name=name,
        arn=name,
        trust=trust[0] if trust else None,
        owned=tuple(
            InlinePolicy(IdentityKind.ROLE, name, _inline(resource, step, item)) for step, item in documents
        ),
        attached=tuple(
            Attachment(_arn(as_text(item)), resource, ("Properties", _POLICIES, *step))
            for step, item in items
            if isinstance(item, Text)
        ),
    )


def _items(value: Value) -> Iterator[tuple[tuple[Step, ...], Value]]:
    """Give what a function lists: a policy alone, or several."""
    if isinstance(value, tuple):
        yield from (((index,), item) for index, item in enumerate(value))
    elif not isinstance(value, Absent):
        yield (), value


def _inline(resource: Resource, step: tuple[Step, ...], document: Value) -> Policy:
    path = ("Properties", _POLICIES, *step)
    return read_policy(Text((_POLICIES,)), resource, path, document)


def _arn(named: Text) -> Text:
    """Give the ARN of a policy that AWS manages, which SAM lets one name without it."""
    literal = named.literal
    return named if literal is None or ":" in literal else Text((PREFIX + literal,))
