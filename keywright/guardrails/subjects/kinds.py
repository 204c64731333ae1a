"""What rules are about. A rule says by the type of its parameter what it reads; here each is found in an assembly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.collection import Identities, Identity, IdentityKind
from keywright.assembly.templates.template import Resource, Template
from keywright.assembly.templates.value import ABSENT, Absent, Text, as_texts, possible_values
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.assembly_view import Whole
from keywright.guardrails.subjects.policies import AnyPolicy, AnyStatement, ResourceStatement, name_of
from keywright.guardrails.subjects.serverless_roles import serverless_roles
from keywright.guardrails.subjects.trusts import TrustStatement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from keywright.assembly.identities.collection import Attachment
    from keywright.assembly.templates.policy_documents import Policy, TemplateStatement
    from keywright.assembly.templates.template import Assembly


SIGN_IN = "Custom::FirstSignIn"
"""The custom resource by which our identity keeper makes a first login."""


@dataclass(frozen=True)
class PolicyStatement:
    """One statement of an identity-based policy that grants: boundaries, which only cap, are none."""

    policy: Policy
    statement: TemplateStatement
    place: Place

    @property
    def label(self) -> str:
        """Name the policy in backticks."""
        return name_of(self.policy)


@dataclass(frozen=True)
class User:
    """A user, and the assembly's other identities, its groups among them."""

    identity: Identity
    everyone: Identities
    place: Place
    keys: tuple[Resource, ...] = ()
    sign_ins: tuple[Resource, ...] = ()

    @property
    def signs_in(self) -> bool:
        """Tell whether it certainly has a login: a property of its own, or one that our identity keeper makes."""
        own = self.identity.resource.readings("LoginProfile")
        return any(not isinstance(each, Absent) for each in own) or bool(self.sign_ins)


@dataclass(frozen=True)
class Bearer:
    """A user or role: what a permissions boundary can cap."""

    identity: Identity
    place: Place


@dataclass(frozen=True)
class Attached:
    """A managed policy where it is attached to an identity."""

    identity: Identity
    attachment: Attachment
    place: Place


@dataclass(frozen=True)
class Setting:
    """A resource on its own, and the assembly around it."""

    resource: Resource
    assembly: Assembly

    @property
    def place(self) -> Place:
        """Give where it stands."""
        return Place(self.resource)


def trust_statements(whole: Whole) -> Iterator[TrustStatement]:
    """Give the statements of all trust policies."""
    for role in whole.roles:
        for statement in role.trust.statements if role.trust else ():
            yield TrustStatement(role, role.trust, statement, statement_place(role.trust, statement))  # type: ignore[arg-type]


def statement_place(policy: Policy, statement: TemplateStatement) -> Place:
    """Give where a statement stands."""
    return Place(policy.holder, (*policy.path, "Statement", statement.index))


def _policy_statements(whole: Whole) -> Iterator[PolicyStatement]:
    for policy in whole.granting:
        for statement in policy.statements:
            yield PolicyStatement(policy, statement, statement_place(policy, statement))


def users(whole: Whole) -> Iterator[User]:
    """Give the users with their keys and first sign-ins."""
    keys, sign_ins = _by_user(whole.assembly, "AWS::IAM::AccessKey"), _by_user(whole.assembly, SIGN_IN)
    for user in whole.identities.users:
        name = user.resource.template.account, user.name
        yield User(
            user,
            whole.identities,
            Place(user.resource),
            tuple(keys.get(name, ())),
            tuple(sign_ins.get(name, ())),
        )


def _by_user(assembly: Assembly, kind: str) -> Mapping[tuple[str, Text], list[Resource]]:
    """Give the resources of a type by the account and name of their `UserName`."""
    found: dict[tuple[str, Text], list[Resource]] = {}
    for resource in assembly.of_type(kind):
        value = resource.properties.get("UserName", ABSENT)
        for name in dict.fromkeys(name for each in possible_values(value) for name in as_texts(each)):
            found.setdefault((resource.template.account, name), []).append(resource)
    return found


def _resource_statements(whole: Whole) -> Iterator[ResourceStatement]:
    for policy in whole.on_resources:
        for statement in policy.statements:
            yield ResourceStatement(policy, statement)


def _attached(whole: Whole) -> Iterator[Attached]:
    for identity in (*whole.identities.all, *serverless_roles(whole.assembly), *whole.of_center):
        for attachment in identity.attached:
            yield Attached(identity, attachment, Place(attachment.holder, attachment.path))


def _bearers(whole: Whole) -> Iterator[Bearer]:
    for identity in whole.identities.all:
        if identity.kind is not IdentityKind.GROUP:
            yield Bearer(identity, Place(identity.resource))


def _settings(whole: Whole) -> Iterator[Setting]:
    for resource in whole.assembly.resources:
        yield Setting(resource, whole.assembly)


SUBJECTS: Mapping[type, Callable[[Whole], Iterable[Any]]] = {
    TrustStatement: trust_statements,
    PolicyStatement: _policy_statements,
    ResourceStatement: _resource_statements,
    AnyPolicy: lambda whole: whole.policies,
    AnyStatement: lambda whole: (each for policy in whole.policies for each in policy.statements),
    User: users,
    Bearer: _bearers,
    Attached: _attached,
    Setting: _settings,
    Template: lambda whole: whole.assembly.templates,
    Identities: lambda whole: (whole.identities,),
    Whole: lambda whole: (whole,),
}
"""The types that a rule's `check` may take, and how each is found."""
