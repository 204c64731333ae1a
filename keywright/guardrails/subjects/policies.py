"""The policies of an assembly of every kind, and their statements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.assembly.templates.policy_documents import policies_in
from keywright.assembly.templates.resolve import pseudo_parameter
from keywright.assembly.templates.value import Text, as_text
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.allowed_principals import AllowedPrincipal, allowed_principals
from keywright.policy.statement import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.identities.collection import Identities, Identity
    from keywright.assembly.templates.policy_documents import Policy, TemplateDocument, TemplateStatement
    from keywright.assembly.templates.template import Assembly, Resource


@dataclass(frozen=True)
class AnyPolicy:
    """A policy of a template; `is_boundary_only` says that it is used only as a boundary and grants nothing."""

    policy: Policy
    kind: Kind
    is_boundary_only: bool = False

    @property
    def is_document(self) -> bool:
        """Return whether the template contains the policy as a document, unlike a Lambda permission."""
        return self.policy.holder.type not in _PERMISSION_TYPES and self.policy.path[-1] != "Properties"

    @property
    def label(self) -> str:
        """Return how messages name the policy."""
        holder = f"`{self.policy.holder.label}`"
        match self.kind:
            case Kind.IDENTITY:
                return f"policy {policy_label(self.policy)}"
            case Kind.TRUST:
                return f"trust policy of {holder}"
            case _:
                return f"policy on resources {holder}"

    @property
    def place(self) -> Place:
        """Return the place of the document."""
        return Place(self.policy.holder, self.policy.path)

    @property
    def statements(self) -> Iterator[AnyStatement]:
        """Yield its statements."""
        for each in self.policy.statements:
            yield AnyStatement(self, each)


def policy_label(policy: Policy) -> str:
    """Return the name of an identity-based policy in backticks; its logical ID if the name is generated."""
    return f"`{policy.name.literal or policy.holder.label}`"


@dataclass(frozen=True)
class AnyStatement:
    """One statement of any policy."""

    within: AnyPolicy
    statement: TemplateStatement

    @property
    def label(self) -> str:
        """Return how messages name the policy."""
        return self.within.label

    @property
    def place(self) -> Place:
        """Return the place of the statement."""
        return self.within.place.below("Statement", self.statement.index)

    @property
    def documents(self) -> list[TemplateDocument]:
        """Return the documents that contain the statement."""
        return [each for each in self.within.policy.documents if self.statement in each.statements]


@dataclass(frozen=True)
class ResourceStatement:
    """One statement of a resource-based policy: of a bucket, a queue, a key."""

    policy: Policy
    statement: TemplateStatement

    @property
    def label(self) -> str:
        """Name the resource in backticks."""
        return f"`{self.policy.holder.label}`"

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(self.policy.holder, (*self.policy.path, "Statement", self.statement.index))

    def allowed_principals(self) -> Iterator[AllowedPrincipal]:
        """Return the principals of the statement, whatever its actions."""
        own = as_text(pseudo_parameter("AWS::AccountId", self.policy.holder.template))
        actions = tuple(str(each).lower() for each in self.statement.actions)
        return allowed_principals(self.statement, self.policy, own, actions or NOT_ACTION_PLACEHOLDER)


_PERMISSION_TYPES = ("AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission")

SERVES, BOUNDARY = "keywright:serves", "permissions boundary"
"""The mark by which our construct declares a boundary in the metadata of its resource; trusted in our assemblies only."""

NOT_ACTION_PLACEHOLDER = ("unheard-of:action",)
"""Represents the actions of a statement with `NotAction`."""


def granting_policies(
    assembly: Assembly, found: Identities, *, own: bool, permission_set_roles: tuple[Identity, ...] = ()
) -> tuple[Policy, ...]:
    """Return every identity-based policy once, without those used only as boundaries.

    One that names no identity is included: somebody will add one. So are the policies of AWS IoT, for its certificates.
    """
    capping = _boundary_ids(found, own=own, permission_set_roles=permission_set_roles)
    granting = (policy for policy in found.policies if id(policy) not in capping)
    every = (*granting, *_of_nobody(assembly, found), *_further_policies(assembly))
    # Several identities can have the same managed policy.
    return tuple({id(policy): policy for policy in every}.values())


INLINE_POLICY_TYPES = (
    "AWS::IAM::Policy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::RolePolicy",
)


def _of_nobody(assembly: Assembly, found: Identities) -> Iterator[Policy]:
    """Return the inline policies that name no user, group or role."""
    owned = {each.policy.holder for each in found.inline_policies}
    for resource in assembly.of_type(*INLINE_POLICY_TYPES):
        if resource not in owned:
            yield from _named_after_resource(resource, "PolicyDocument")


def _further_policies(assembly: Assembly) -> Iterator[Policy]:
    for resource in assembly.of_type("AWS::SSO::PermissionSet"):
        yield from policies_in(resource, "InlinePolicy")
    for resource in assembly.of_type("AWS::IoT::Policy"):
        yield from _named_after_resource(resource, "PolicyDocument")


def _named_after_resource(resource: Resource, document: str) -> Iterator[Policy]:
    for policy in policies_in(resource, document):
        yield replace(
            policy, name=as_text(resource.properties.get("PolicyName", Text((resource.logical_id,))))
        )


def boundary_policies(
    found: Identities, *, own: bool, permission_set_roles: tuple[Identity, ...] = ()
) -> tuple[Policy, ...]:
    """Return the policies that are used only as boundaries."""
    capping = _boundary_ids(found, own=own, permission_set_roles=permission_set_roles)
    return tuple(policy for policy in found.managed if id(policy) in capping)


def _boundary_ids(found: Identities, *, own: bool, permission_set_roles: tuple[Identity, ...]) -> set[int]:
    """Return the ids of policies used only as boundaries: by use, or if unused by the mark or the name."""
    everybody = (*found.all, *permission_set_roles)
    boundaries = {id(each.policy) for identity in everybody for each in identity.boundaries if each.policy}
    is_one = _is_marked_boundary if own else _is_named_boundary
    boundaries |= {id(each) for each in found.managed if is_one(each)}
    return boundaries - {
        id(each.policy) for identity in everybody for each in identity.attached if each.policy
    }


def _is_marked_boundary(policy: Policy) -> bool:
    metadata = policy.holder.raw.get("Metadata")
    return isinstance(metadata, dict) and metadata.get(SERVES) == BOUNDARY


def _is_named_boundary(policy: Policy) -> bool:
    """Return whether a policy is named like a boundary; the identities that use it may be in other templates."""
    return any("boundary" in each.lower() for each in (policy.holder.logical_id, str(policy.name)))
