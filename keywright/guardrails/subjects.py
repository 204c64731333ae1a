"""What rules are about. A rule says by the type of its parameter what it reads; here each is found in an assembly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities import Identities, Identity, IdentityKind
from keywright.assembly.template import Resource, Template
from keywright.assembly.value import ABSENT, Absent, Text, as_texts, readings
from keywright.guardrails.place import Place
from keywright.guardrails.trust import TrustStatement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from keywright.assembly.document import Policy, WrittenStatement
    from keywright.assembly.template import Assembly


SIGN_IN = "Custom::FirstSignIn"
"""The custom resource by which our identity keeper makes a first login."""


@dataclass(frozen=True)
class PolicyStatement:
    """One statement of an identity-based policy that grants: boundaries, which only cap, are none."""

    policy: Policy
    statement: WrittenStatement
    place: Place

    @property
    def label(self) -> str:
        """Name the policy in backticks."""
        return f"`{self.policy.name}`"


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
class Setting:
    """A resource on its own, and the assembly around it."""

    resource: Resource
    assembly: Assembly

    @property
    def place(self) -> Place:
        """Give where it stands."""
        return Place(self.resource)


def _trust_statements(_: Assembly, found: Identities) -> Iterator[TrustStatement]:
    for role in found.roles:
        for statement in role.trust.statements if role.trust else ():
            yield TrustStatement(role, role.trust, statement, statement_place(role.trust, statement))  # type: ignore[arg-type]


def statement_place(policy: Policy, statement: WrittenStatement) -> Place:
    """Give where a statement stands."""
    return Place(policy.holder, (*policy.path, "Statement", statement.index))


def _policy_statements(_: Assembly, found: Identities) -> Iterator[PolicyStatement]:
    for policy in granting_policies(found):
        for statement in policy.statements:
            yield PolicyStatement(policy, statement, statement_place(policy, statement))


def granting_policies(found: Identities) -> list[Policy]:
    """Give every identity-based policy once, without those that serve as boundaries alone."""
    boundaries = [each.policy for identity in found.all for each in identity.boundaries if each.policy]
    attached = [each.policy for identity in found.all for each in identity.attached if each.policy]
    capping = {id(policy) for policy in boundaries} - {id(policy) for policy in attached}
    return list({id(policy): policy for policy in found.policies if id(policy) not in capping}.values())


def _users(assembly: Assembly, found: Identities) -> Iterator[User]:
    keys, sign_ins = _by_user(assembly, "AWS::IAM::AccessKey"), _by_user(assembly, SIGN_IN)
    for user in found.users:
        name = user.resource.template.account, user.name
        yield User(
            user, found, Place(user.resource), tuple(keys.get(name, ())), tuple(sign_ins.get(name, ()))
        )


def _by_user(assembly: Assembly, kind: str) -> Mapping[tuple[str, Text], list[Resource]]:
    """Give the resources of a type by the account and name of their `UserName`."""
    found: dict[tuple[str, Text], list[Resource]] = {}
    for resource in assembly.of_type(kind):
        value = resource.properties.get("UserName", ABSENT)
        for name in dict.fromkeys(name for each in readings(value) for name in as_texts(each)):
            found.setdefault((resource.template.account, name), []).append(resource)
    return found


def _bearers(_: Assembly, found: Identities) -> Iterator[Bearer]:
    for identity in found.all:
        if identity.kind is not IdentityKind.GROUP:
            yield Bearer(identity, Place(identity.resource))


def _settings(assembly: Assembly, _: Identities) -> Iterator[Setting]:
    for resource in assembly.resources:
        yield Setting(resource, assembly)


def _templates(assembly: Assembly, _: Identities) -> Iterator[Template]:
    yield from assembly.templates


def _all_identities(_: Assembly, found: Identities) -> Iterator[Identities]:
    yield found


SUBJECTS: Mapping[type, Callable[[Assembly, Identities], Iterator[Any]]] = {
    TrustStatement: _trust_statements,
    PolicyStatement: _policy_statements,
    User: _users,
    Bearer: _bearers,
    Setting: _settings,
    Template: _templates,
    Identities: _all_identities,
}
"""The types that a rule's `check` may take, and how each is found."""
