"""Every policy of an assembly, of whatever kind, and its statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.templates.policy_documents import policies_in
from keywright.assembly.templates.resolve import pseudo_parameter
from keywright.assembly.templates.value import as_text
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.allowed_principals import AllowedPrincipal, allowed_principals
from keywright.guardrails.subjects.implicit_roles import serverless_roles
from keywright.policy.statement import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.identities.collection import Identities, Identity
    from keywright.assembly.templates.policy_documents import Policy, TemplateDocument, TemplateStatement
    from keywright.assembly.templates.template import Assembly


@dataclass(frozen=True)
class AnyPolicy:
    """A policy where it stands; `caps` tells that it serves as a boundary alone and grants nothing."""

    policy: Policy
    kind: Kind
    is_boundary_only: bool = False

    @property
    def is_document(self) -> bool:
        """Return whether the template writes it as a document; a function's permission is none."""
        return self.policy.holder.type not in _PERMISSION_TYPES and self.policy.path[-1] != "Properties"

    @property
    def label(self) -> str:
        """Name it for people."""
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
        """Return where the document stands."""
        return Place(self.policy.holder, self.policy.path)

    @property
    def statements(self) -> Iterator[AnyStatement]:
        """Walk its statements."""
        for each in self.policy.statements:
            yield AnyStatement(self, each)


def policy_label(policy: Policy) -> str:
    """Name an identity-based policy in backticks: by its name, or by its resource where the name is made up later."""
    return f"`{policy.name.literal or policy.holder.label}`"


@dataclass(frozen=True)
class AnyStatement:
    """One statement of any policy."""

    within: AnyPolicy
    statement: TemplateStatement

    @property
    def label(self) -> str:
        """Name its policy for people."""
        return self.within.label

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return self.within.place.below("Statement", self.statement.index)

    @property
    def documents(self) -> list[TemplateDocument]:
        """Return the documents that hold it."""
        return [each for each in self.within.policy.documents if self.statement in each.statements]


@dataclass(frozen=True)
class ResourceStatement:
    """One statement of a policy on resources: a bucket's, a queue's, a key's."""

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
        """Return the principals that it names, whatever they may do."""
        own = as_text(pseudo_parameter("AWS::AccountId", self.policy.holder.template))
        actions = tuple(str(each).lower() for each in self.statement.actions)
        return allowed_principals(self.statement, self.policy, own, actions or NOT_ACTION_PLACEHOLDER)


_PERMISSION_TYPES = ("AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission")

SERVES, BOUNDARY = "keywright:serves", "permissions boundary"
"""How our construct marks a boundary in its resource's metadata; believed in our own assemblies alone."""

NOT_ACTION_PLACEHOLDER = ("unheard-of:action",)
"""Stands for the actions that a statement with `NotAction` is about."""


def granting_policies(
    assembly: Assembly, found: Identities, *, own: bool, permission_set_roles: tuple[Identity, ...] = ()
) -> tuple[Policy, ...]:
    """Return every identity-based policy once, without those that serve as boundaries alone."""
    capping = _boundary_ids(found, own=own, permission_set_roles=permission_set_roles)
    granting = (policy for policy in found.policies if id(policy) not in capping)
    of_functions = (policy for role in serverless_roles(assembly) for policy in role.inline)
    every = (*granting, *_of_permission_sets(assembly), *of_functions)
    return tuple({id(policy): policy for policy in every}.values())


def _of_permission_sets(assembly: Assembly) -> Iterator[Policy]:
    for resource in assembly.of_type("AWS::SSO::PermissionSet"):
        yield from policies_in(resource, "InlinePolicy")


def boundary_policies(
    found: Identities, *, own: bool, permission_set_roles: tuple[Identity, ...] = ()
) -> tuple[Policy, ...]:
    """Return the policies that serve as boundaries alone."""
    capping = _boundary_ids(found, own=own, permission_set_roles=permission_set_roles)
    return tuple(policy for policy in found.managed if id(policy) in capping)


def _boundary_ids(found: Identities, *, own: bool, permission_set_roles: tuple[Identity, ...]) -> set[int]:
    """Tell by its use which policy is a boundary; of one that nobody carries, by what its construct says, or by its name."""
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
    """Return whether a policy of others is called a boundary: who bears it may stand in other templates."""
    return any("boundary" in each.lower() for each in (policy.holder.logical_id, str(policy.name)))
