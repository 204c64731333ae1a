"""The proof that what was declared gives each identity the access that it has in the account, no more and no less.

Both sides are policies: those in the snapshot, and those that the declarations as they were read again become. The comparison
engine looks for a request that only one side allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.account.entities import Group, ManagedPolicy, Role, User
from keywright.adopt.grants import identifying
from keywright.adopt.trusts import canonical_document
from keywright.model.adoption import NONE
from keywright.model.fields.dates import seconds
from keywright.model.identity_arns import identity_arn, other_user_paths
from keywright.model.queries import roles_of_workload
from keywright.model.roles import AnywhereTrust, GroupTrust, RoleTrust
from keywright.policy.statement import Document, Effect, Kind, Unread
from keywright.reasoning.comparison.compare import compare, compare_access
from keywright.reasoning.comparison.search import NewAccess, NoNewAccess
from keywright.reasoning.evaluation.policies import Policies
from keywright.statements.boundary import BOUNDARY_POLICY, WIDE_BOUNDARY_POLICY
from keywright.statements.conditions import deny_after, expire_statements
from keywright.statements.declared.boundaries import declared_boundaries, declared_boundary_statements
from keywright.statements.declared.grants import statements_of_grant
from keywright.statements.declared.trusts import trust_statements
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.grants.sessions import session_manager_statements
from keywright.statements.handover import handover_statement
from keywright.statements.self_service import (
    command_line_statement,
    guard_statements,
    own_access_keys_statement,
    self_service_statements,
)
from keywright.statements.trusts.document import fits_quota
from keywright.statements.trusts.roles_anywhere import anywhere_trust
from keywright.statements.trusts.same_account import group_trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from keywright.account.entities import Identity
    from keywright.adopt.adoption import Adoption
    from keywright.adopt.world import World
    from keywright.model.action_lock import ActionLock
    from keywright.model.declarations import Declarations
    from keywright.model.grants.grant import Grant, ManagedPolicyGrant
    from keywright.model.people.users import User as DeclaredUser
    from keywright.model.roles import Role as DeclaredRole
    from keywright.model.workloads import Workload
    from keywright.policy.statement import Statement
    from keywright.reasoning.comparison.compare import Comparison


class Verdict(StrEnum):
    """How the access of an identity was compared."""

    PROVED = "proved equal"
    DIFFERS = "differs"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Proved:
    """The verdict about one identity, and what differs or is undecided."""

    verdict: Verdict
    because: str = ""


_EQUAL = Proved(Verdict.PROVED)


@dataclass
class Proof:
    """Compares what was adopted with the account, identity by identity."""

    world: World
    adoption: Adoption
    declarations: Declarations
    lock: ActionLock | None
    known: dict[object, Proved] = field(default_factory=dict)
    """What was compared before, by both sides."""

    def of_all(self) -> Iterator[tuple[str, Proved]]:
        """Compare each adopted identity and shared policy, by its reference."""
        for name, identity in self.adoption.adopted.items():
            yield name, self.of(name, identity)

    def of(self, name: str, identity: Identity | ManagedPolicy) -> Proved:
        """Compare one identity or shared policy."""
        if isinstance(identity, ManagedPolicy):
            declared = self.declarations.policies[identity.name]
            statements = self._grants(declared.grants)
            return self._equal(
                (self.world.document(identity.document),), (Document(statements),), "", None, None
            )
        if isinstance(identity, Group):
            return self._equal(self._documents(identity), self._declared_group(identity.name), "", None, None)
        if isinstance(identity, User):
            return self._of_user(identity)
        assert isinstance(identity, Role)
        return self._of_role(name, identity)

    def _of_user(self, user: User) -> Proved:
        declared = self.declarations.users[user.name]
        before = list(self._documents(user))
        for group in user.groups:
            before += self._documents(self._groups[group]) if group in self._groups else ()
        after = [*self._own(declared.grants, declared.until), *self._attached(declared.policies)]
        for membership in declared.groups:
            after += self._of_group(membership.name, membership.until)
        after += self._of_sign_in(declared)
        return self._equal(
            tuple(before),
            tuple(after),
            str(user.arn),
            self._boundary(user.boundary),
            self._declared_boundary(declared),
        )

    def _of_role(self, name: str, role: Role) -> Proved:
        workload = self.adoption.names.get(name)
        declared: DeclaredRole | Workload
        if workload is not None:
            declared = self.declarations.workloads[workload]
            assumed = self._assumed(roles_of_workload(self.declarations, workload))
            implied = (*assumed, *(session_manager_statements(*self._place) if declared.sessions else ()))
        else:
            declared = self.declarations.roles[role.name]
            trusted = self._trust(role)
            if trusted.verdict is not Verdict.PROVED:
                return trusted
            implied = tuple(
                self._assumed(
                    other
                    for other, each in self.declarations.roles.items()
                    if any(isinstance(trust, RoleTrust) and trust.role == role.name for trust in each.trusts)
                )
            )
        after = (
            *self._own(declared.grants, declared.until),
            Document(implied),
            *self._attached(declared.policies),
        )
        return self._equal(
            self._documents(role),
            after,
            str(role.arn),
            self._boundary(role.boundary),
            None if self._is_break_glass(role.name) else self._declared_boundary(declared),
        )

    def _is_break_glass(self, role: str) -> bool:
        return self.declarations.account.break_glass_role == f"role/{role}"

    @property
    def _place(self) -> tuple[str, str, str]:
        """The partition, the region and the account."""
        account = self.declarations.account
        return (self.world.snapshot.partition, account.region, account.id)

    def _documents(self, identity: Identity) -> tuple[Document, ...]:
        """Give the policies of an identity in the account."""
        inline = tuple(self.world.document(each.document) for each in identity.inline_policies)
        return (*inline, *map(self._managed, identity.attached_policies))

    def _managed(self, arn: str) -> Document:
        known = self.world.managed_document(arn)
        if known is not None:
            return known
        # The same on both sides; it only makes a comparison undecided that needs to know it.
        return Document((), id=arn, unread=(Unread("", f"AWS managed policy `{arn}` is not known"),))

    def _grants(self, grants: Iterable[Grant]) -> tuple[Statement, ...]:
        return tuple(
            each for grant in grants for each in statements_of_grant(grant, self.declarations, self.lock)
        )

    def _own(self, grants: Iterable[Grant], until: date | None) -> Iterator[Document]:
        ended = () if until is None else (deny_after(until),)
        yield Document((*self._grants(grants), *ended))

    def _attached(self, policies: Iterable[ManagedPolicyGrant]) -> Iterator[Document]:
        partition, _, _ = self._place
        for each in policies:
            own = self.declarations.policies[each.own] if each.own is not None else None
            if own is not None and own.existing is None:
                yield Document(self._grants(own.grants))
            elif own is not None:
                yield self._managed(own.existing or "")
            else:
                is_arn = each.managed.startswith("arn:")
                yield self._managed(
                    each.managed if is_arn else f"arn:{partition}:iam::aws:policy/{each.managed}"
                )

    def _declared_group(self, name: str) -> tuple[Document, ...]:
        group = self.declarations.groups[name]
        return (Document(tuple(self._of_group_alone(name))), *self._attached(group.policies))

    def _of_group_alone(self, name: str) -> Iterator[Statement]:
        group, account = self.declarations.groups[name], self.declarations.account
        partition, region, number = self._place
        yield from self._grants(group.grants)
        for role, each in self.declarations.roles.items():
            for trust in each.trusts:
                if isinstance(trust, GroupTrust) and trust.group == name:
                    yield assume_statement(
                        role_arn=identity_arn(self.declarations, f"role/{role}"),
                        mfa_within_seconds=seconds(trust.mfa.within),
                        until=each.until,
                    )
        if account.handover == name:
            yield handover_statement(partition=partition, region=region, account=number)
        if group.self_service is not None:
            yield own_access_keys_statement(partition, number, account.path, other_paths=self._other_paths)

    def _of_group(self, name: str, until: date | None) -> tuple[Document, ...]:
        group = self.declarations.groups[name]
        if group.existing:
            return self._documents(self._groups[name])
        if until is None:
            return self._declared_group(name)
        shared = (self.declarations.policies[each.own] for each in group.policies if each.own is not None)
        statements = (
            *self._of_group_alone(name),
            *(each for policy in shared for each in self._grants(policy.grants)),
        )
        return (Document(expire_statements(statements, until)),)

    def _of_sign_in(self, user: DeclaredUser) -> Iterator[Document]:
        """Give what every declared person has besides."""
        if user.person is None:
            return
        partition, _, account = self._place
        path = self.declarations.account.path
        if user.adopted is None or user.adopted.mfa != "later":
            yield Document(self_service_statements(partition, account, path, self._other_paths))
            yield Document(guard_statements())
        if user.cli is not None:
            yield Document((command_line_statement(partition=partition, account=account),))
            if user.cli.session_token is not None:
                own = own_access_keys_statement(partition, account, path, other_paths=self._other_paths)
                yield Document((own,))

    def _assumed(self, roles: Iterable[str]) -> Iterator[Statement]:
        for name in roles:
            role = self.declarations.roles[name]
            arn = identity_arn(self.declarations, f"role/{name}")
            yield assume_statement(role_arn=arn, until=role.until)

    def _boundary(self, arn: str) -> Document | None:
        return self._managed(arn) if arn else None

    def _declared_boundary(self, identity: DeclaredUser | DeclaredRole | Workload) -> Document | None:
        if identity.adopted is not None and identity.adopted.boundary is not None:
            kept = identity.adopted.boundary
            return None if kept == NONE else self._boundary(kept)
        groups = (self.declarations.groups[each.name] for each in getattr(identity, "groups", ()))
        policies = (*identity.policies, *(each for group in groups for each in group.policies))
        return self._boundaries[
            WIDE_BOUNDARY_POLICY if any(map(self._is_open, policies)) else BOUNDARY_POLICY
        ]

    def _is_open(self, policy: ManagedPolicyGrant) -> bool:
        return policy.own is None or self.declarations.policies[policy.own].existing is not None

    @cached_property
    def _boundaries(self) -> Mapping[str, Document]:
        return {
            each.policy_name: Document(declared_boundary_statements(each, self.declarations))
            for each in declared_boundaries(self.declarations)
        }

    @cached_property
    def _groups(self) -> Mapping[str, Group]:
        return {each.name: each for each in self.world.snapshot.groups}

    @cached_property
    def _users(self) -> Mapping[str, User]:
        return {each.name: each for each in self.world.snapshot.users}

    @cached_property
    def _other_paths(self) -> tuple[str, ...]:
        return other_user_paths(self.declarations)

    def _trust(self, role: Role) -> Proved:
        """Compare who can assume a role."""
        before = self.world.document(role.trust_policy, Kind.TRUST)
        declared = self.declarations.roles[role.name]
        statements = tuple(self._trusted(declared))
        if declared.until is not None:
            statements = expire_statements(statements, declared.until)
        after = Document(statements, kind=Kind.TRUST)
        if canonical_document(before.statements) == canonical_document(after.statements):
            return _EQUAL
        return _both_ways(compare, before, after, _TRUSTS)

    def _trusted(self, role: DeclaredRole) -> Iterator[Statement]:
        account = self.declarations.account
        partition, _, number = self._place
        for trust in role.trusts:
            if isinstance(trust, GroupTrust):
                members = [
                    self.world.user_in_trusts(self._users[name], account.path)
                    for name, user in self.declarations.users.items()
                    if trust.group in {each.name for each in user.groups}
                ]
                within = seconds(trust.mfa.within)
                others = self._other_paths
                named, every = (
                    group_trust(partition, number, account.path, within, each, other_paths=others)
                    for each in (members, None)
                )
                yield named if fits_quota((named,)) else every
            elif isinstance(trust, AnywhereTrust):
                yield anywhere_trust(trust_anchor_arn=trust.trust_anchor, common_name=trust.common_name)
            else:
                yield from trust_statements(trust, self.declarations)

    def _equal(
        self,
        before: tuple[Document, ...],
        after: tuple[Document, ...],
        arn: str,
        old_boundary: Document | None,
        new_boundary: Document | None,
    ) -> Proved:
        """Compare two sets of policies with their boundaries; the same comparison is made once."""
        old, new = _without_common(before, after)
        same_boundary = _keys(old_boundary) == _keys(new_boundary)
        key = (
            frozenset(map(_keys, old)),
            frozenset(map(_keys, new)),
            None if same_boundary else (_keys(old_boundary), _keys(new_boundary)),
        )
        if key not in self.known:
            # Proved for any identity and beside any other policy, it is proved for this one; so identities share proofs.
            found = _same_statements(old, new)
            if found.verdict is not Verdict.PROVED and not arn:
                return found
            if found.verdict is not Verdict.PROVED or not same_boundary:
                # Perhaps proved for this identity with all its policies.
                return _both_ways(
                    lambda one, other: compare_access(one, other, arn),
                    Policies(identity=before, boundary=old_boundary),
                    Policies(identity=after, boundary=new_boundary),
                    _GAINS,
                )
            self.known[key] = found
        return self.known[key]


_GAINS = ("gains", "loses")
_TRUSTS = ("newly lets somebody use", "no longer lets somebody use")
_IS_DENIED = ("is denied", "is no longer denied")


def _same_statements(old: tuple[Document, ...], new: tuple[Document, ...]) -> Proved:
    """Tell whether two sets of policies allow the same, and deny the same: beside any other policies then, too.

    That their access is the same would not do: a Deny that denies nothing here can deny what another policy allows.
    """
    if not old and not new:
        return _EQUAL
    unread = [each.reason for document in (*old, *new) for each in document.unread]
    if unread:
        return Proved(Verdict.UNDECIDED, unread[0])
    for effect, says in ((Effect.ALLOW, _GAINS), (Effect.DENY, _IS_DENIED)):
        one, other = (Policies(identity=(_only(effect, each),)) for each in (old, new))
        found = _both_ways(compare_access, one, other, says)
        if found.verdict is not Verdict.PROVED:
            return found
    return _EQUAL


def _only(effect: Effect, documents: Iterable[Document]) -> Document:
    """Give the statements of one effect, as if they allowed."""
    statements = (each for document in documents for each in document.statements if each.effect is effect)
    return Document(tuple(replace(each, effect=Effect.ALLOW) for each in statements))


def _both_ways(
    compared: Callable[[Any, Any], Comparison], before: Any, after: Any, verbs: tuple[str, str]
) -> Proved:
    """Tell whether neither side allows what the other does not; `verbs` say what it is if it does."""
    for one, other, says in ((before, after, verbs[0]), (after, before, verbs[1])):
        found = compared(one, other)
        if isinstance(found, NewAccess):
            witness = found.witness
            return Proved(Verdict.DIFFERS, f"declared, it {says} `{witness.action}` on `{witness.resource}`")
        if not isinstance(found, NoNewAccess):
            return Proved(Verdict.UNDECIDED, found.reason)
    return _EQUAL


def _without_common(
    before: tuple[Document, ...], after: tuple[Document, ...]
) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """Leave out the documents that both sides have."""
    old, new = {_keys(each): each for each in before}, {_keys(each): each for each in after}
    return (
        tuple(each for key, each in old.items() if key not in new),
        tuple(each for key, each in new.items() if key not in old),
    )


def _keys(document: Document | None) -> object:
    if document is None:
        return None
    return (
        document.unread,
        document.id if document.unread else "",
        frozenset(map(identifying, document.statements)),
    )
