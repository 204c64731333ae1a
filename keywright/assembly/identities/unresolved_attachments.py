"""Policies and memberships of identities whose names are known only at deployment: they may belong to any identity.

A policy for the user that a parameter names may allow or deny access to a user that is declared here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import TYPES, IdentityKind, identities
from keywright.assembly.identities.principals import principals_of
from keywright.assembly.templates.value import ABSENT, as_texts, possible_values
from keywright.policy.statement import Effect
from keywright.reasoning.account.actors import Account, Grant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.identities.collection import Identities, Identity
    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.symbolic_policies import Spelling
    from keywright.assembly.templates.template import Assembly
    from keywright.assembly.templates.value import Text
    from keywright.policy.statement import Document
    from keywright.reasoning.account.actors import Actor


_LISTS = {"Users": IdentityKind.USER, "Groups": IdentityKind.GROUP, "Roles": IdentityKind.ROLE}


@dataclass(frozen=True)
class _UnresolvedPolicy:
    """A policy of an identity of which only the deployment knows the name."""

    kind: IdentityKind
    owner: Text
    account: str
    policy: Policy


@dataclass(frozen=True)
class _UnresolvedMember:
    """A group, and a member of which only the deployment knows the name."""

    member: Text
    account: str
    group: Identity


def with_unresolved_attachments(
    assembly: Assembly, principals: AccountPrincipals, spelling: Spelling
) -> AccountPrincipals:
    """Add what each principal may have through unresolved attachments; most assemblies have none."""
    found = identities(assembly)
    policies, joining = [*_policies(found)], [*_joining(found)]
    if not policies and not joining:
        return principals
    ends = _UnresolvedAttachments(found, principals, spelling, policies, joining)
    account = principals.account
    actors = tuple(map(ends.actor, account.actors))
    whole = Account(actors, account.groups, account.credential_sources, account.policies)
    return replace(
        principals,
        account=whole,
        policies={**principals.policies, **ends.policies},
        least={**principals.least, **ends.least},
    )


def _policies(found: Identities) -> Iterator[_UnresolvedPolicy]:
    for each in found.inline_policies:
        if not each.owner.is_single and each.holder.type not in TYPES:
            yield _UnresolvedPolicy(each.kind, each.owner, each.holder.template.account, each.policy)
    for policy in found.managed:
        for name, kind in _LISTS.items():
            for value in possible_values(policy.holder.properties.get(name, ABSENT)):
                for owner in as_texts(value):
                    if not owner.is_single:
                        yield _UnresolvedPolicy(kind, owner, policy.holder.template.account, policy)


def _joining(found: Identities) -> Iterator[_UnresolvedMember]:
    for each in found.memberships:
        group = found.named(IdentityKind.GROUP, each.group, each.holder)
        if group is not None and not each.user.is_single and each.holder.type not in TYPES:
            yield _UnresolvedMember(each.user, each.holder.template.account, group)


class _UnresolvedAttachments:
    """What may be attached to each identity; each policy is read once."""

    def __init__(
        self,
        found: Identities,
        principals: AccountPrincipals,
        spelling: Spelling,
        policies: list[_UnresolvedPolicy],
        joining: list[_UnresolvedMember],
    ) -> None:
        self._found, self._people, self._spelling = found, principals, spelling
        self._unresolved, self._joining = policies, joining
        self._documents: dict[int, Document] = {}
        self.by_arn = {spelling.text(each.arn): each for each in (*found.users, *found.roles)}
        self.policies: dict[int, Policy] = {}
        self.least: dict[int, Document] = {}

    def actor(self, actor: Actor) -> Actor:
        identity = self.by_arn.get(actor.arn)
        grants = tuple(self._grants(identity)) if identity is not None else ()
        return replace(actor, grants=(*actor.grants, *grants)) if grants else actor

    def _grants(self, identity: Identity) -> Iterator[Grant]:
        groups = self._found.groups_of(identity) if identity.kind is IdentityKind.USER else ()
        for each in self._unresolved:
            if _may_be(each, identity):
                yield Grant(self._read(each.policy))
            for group in groups:
                if _may_be(each, group):
                    yield Grant(self._read(each.policy), group=self._spelling.text(group.arn))
        if identity.kind is IdentityKind.USER:
            for joined in self._joining:
                if _may_equal(joined.member, identity.name) and joined.account == _account(identity):
                    yield from self._of_group(joined.group)

    def _of_group(self, group: Identity) -> Iterator[Grant]:
        arn = self._spelling.text(group.arn)
        found = self._people.account.actor(arn)
        for grant in found.grants if found is not None else ():
            yield replace(grant, document=self._possible(grant.document), group=arn)

    def _read(self, policy: Policy) -> Document:
        key = id(policy)
        if key not in self._documents:
            # It may be attached, so it may allow; it denies nothing for certain, and the least reading allows
            # nothing.
            document = self._spelling.most(policy).only(Effect.ALLOW)
            self.least[id(document)] = self._spelling.least(policy).only(Effect.DENY)
            self.policies[id(document)] = policy
            self._documents[key] = document
        return self._documents[key]

    def _possible(self, whole: Document) -> Document:
        key = id(whole)
        if key not in self._documents:
            document = whole.only(Effect.ALLOW)
            self.least[id(document)] = self._people.least.get(key, whole).only(Effect.DENY)
            if key in self._people.policies:
                self.policies[id(document)] = self._people.policies[key]
            self._documents[key] = document
        return self._documents[key]


def _account(identity: Identity) -> str:
    return identity.resource.template.account


def _may_be(unresolved: _UnresolvedPolicy, identity: Identity) -> bool:
    is_candidate = unresolved.kind is identity.kind and unresolved.account == _account(identity)
    return is_candidate and _may_equal(unresolved.owner, identity.name)


def _may_equal(unresolved: Text, name: Text) -> bool:
    """Tell whether an unresolved name may be this literal one; an equal unresolved name is attached already."""
    return unresolved != name and name.literal is not None and unresolved.may_be(name.literal)


def all_principals(assembly: Assembly, spelling: Spelling) -> AccountPrincipals:
    """Give users, roles and permission sets, with unresolved attachments."""
    return with_unresolved_attachments(assembly, principals_of(assembly, spelling.account), spelling)
