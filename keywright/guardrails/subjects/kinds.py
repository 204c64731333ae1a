"""The types of subjects that rules check, and how each is found in an assembly.

A rule declares its subject by the type of the parameter of `check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.collection import Identities, Identity, IdentityKind
from keywright.assembly.templates.template import Resource, Template
from keywright.assembly.templates.value import ABSENT, Absent, Text, as_texts, possible_values
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.policies import AnyPolicy, AnyStatement, ResourceStatement, policy_label
from keywright.guardrails.subjects.trusts import TrustStatement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from keywright.assembly.identities.collection import Attachment
    from keywright.assembly.templates.policy_documents import Policy, TemplateStatement
    from keywright.assembly.templates.template import Assembly


SIGN_IN = "Custom::FirstSignIn"
"""The custom resource by which our identity keeper creates the first login profile."""


@dataclass(frozen=True)
class PolicyStatement:
    """One statement of an identity-based policy, except for boundaries, which grant nothing."""

    policy: Policy
    statement: TemplateStatement
    place: Place

    @property
    def label(self) -> str:
        """Return the name of the policy in backticks."""
        return policy_label(self.policy)


@dataclass(frozen=True)
class User:
    """A user with access keys and sign-ins, and all identities of the assembly."""

    identity: Identity
    everyone: Identities
    place: Place
    keys: tuple[Resource, ...] = ()
    sign_ins: tuple[Resource, ...] = ()

    @property
    def signs_in(self) -> bool:
        """Return whether the user certainly has a login profile: as a property, or created by our identity keeper."""
        own = self.identity.resource.possible_values("LoginProfile")
        return any(not isinstance(each, Absent) for each in own) or bool(self.sign_ins)


@dataclass(frozen=True)
class BoundaryHolder:
    """A user or role, which can have a permissions boundary."""

    identity: Identity
    place: Place


@dataclass(frozen=True)
class AttachedPolicy:
    """A managed policy attached to an identity."""

    identity: Identity
    attachment: Attachment
    place: Place


@dataclass(frozen=True)
class ResourceSetting:
    """A resource and its assembly."""

    resource: Resource
    assembly: Assembly

    @property
    def place(self) -> Place:
        """Return the place of the resource."""
        return Place(self.resource)


def trust_statements(view: AssemblyView) -> Iterator[TrustStatement]:
    """Return the statements of all trust policies."""
    for role in view.identities.roles:
        for statement in role.trust.statements if role.trust else ():
            yield TrustStatement(role, role.trust, statement, statement_place(role.trust, statement))  # type: ignore[arg-type]


def statement_place(policy: Policy, statement: TemplateStatement) -> Place:
    """Return the place of a statement."""
    return Place(policy.holder, (*policy.path, "Statement", statement.index))


def _policy_statements(view: AssemblyView) -> Iterator[PolicyStatement]:
    for policy in view.granting_policies:
        for statement in policy.statements:
            yield PolicyStatement(policy, statement, statement_place(policy, statement))


def users(view: AssemblyView) -> Iterator[User]:
    """Return the users with their keys and first sign-ins."""
    keys, sign_ins = _by_user(view.assembly, "AWS::IAM::AccessKey"), _by_user(view.assembly, SIGN_IN)
    for user in view.identities.users:
        # Access keys of other stacks can name the user, so they are matched by account and name.
        name = user.resource.template.account, user.name
        yield User(
            user,
            view.identities,
            Place(user.resource),
            tuple(keys.get(name, ())),
            tuple(sign_ins.get(name, ())),
        )


def _by_user(assembly: Assembly, kind: str) -> Mapping[tuple[str, Text], list[Resource]]:
    """Return the resources of a type by account and `UserName`."""
    found: dict[tuple[str, Text], list[Resource]] = {}
    for resource in assembly.of_type(kind):
        value = resource.properties.get("UserName", ABSENT)
        for name in dict.fromkeys(name for each in possible_values(value) for name in as_texts(each)):
            found.setdefault((resource.template.account, name), []).append(resource)
    return found


def _resource_statements(view: AssemblyView) -> Iterator[ResourceStatement]:
    for policy in view.resource_policies:
        for statement in policy.statements:
            yield ResourceStatement(policy, statement)


def _attached_policies(view: AssemblyView) -> Iterator[AttachedPolicy]:
    for identity in (*view.identities.all, *view.permission_set_roles):
        for attachment in identity.attached:
            yield AttachedPolicy(identity, attachment, Place(attachment.holder, attachment.path))


def _boundary_holders(view: AssemblyView) -> Iterator[BoundaryHolder]:
    for identity in view.identities.all:
        if identity.kind is not IdentityKind.GROUP:
            yield BoundaryHolder(identity, Place(identity.resource))


def _resource_settings(view: AssemblyView) -> Iterator[ResourceSetting]:
    for resource in view.assembly.resources:
        yield ResourceSetting(resource, view.assembly)


SUBJECTS: Mapping[type, Callable[[AssemblyView], Iterable[Any]]] = {
    TrustStatement: trust_statements,
    PolicyStatement: _policy_statements,
    ResourceStatement: _resource_statements,
    AnyPolicy: lambda view: view.policies,
    AnyStatement: lambda view: (each for policy in view.policies for each in policy.statements),
    User: users,
    BoundaryHolder: _boundary_holders,
    AttachedPolicy: _attached_policies,
    ResourceSetting: _resource_settings,
    Template: lambda view: view.assembly.templates,
    Identities: lambda view: (view.identities,),
    AssemblyView: lambda view: (view,),
}
"""The types that `check` of a rule can take, and the function that finds each."""
