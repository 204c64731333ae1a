"""Role assumptions across accounts, and permissions or trusts without a counterpart in the other account."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.queries.decision import place_of
from keywright.assembly.queries.question import Question
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.policy.matching.arn import Arn
from keywright.policy.principals import principal
from keywright.policy.statement import Effect
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.trust import ASSUME_ROLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.queries.decision import Answer
    from keywright.assembly.templates.template import Assembly
    from keywright.policy.matching.context import Values
    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.account.actors import Actor

_WILDCARDS = frozenset("*?$<")


@dataclass(frozen=True)
class AssumableRole:
    """A role, and the principals of other accounts that can, or may be able to, assume it."""

    role: Actor
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class OneSidedTrust:
    """A permission or a trust that only one side gives; `is_seen` tells whether the other side's assembly was read."""

    text: str
    place: str
    is_seen: bool = True


@dataclass(frozen=True)
class _AssumePermission:
    """A statement that allows its holder to assume a role; a group's counts once, whoever its members are."""

    holder: str
    holder_arn: str
    role: str
    document: Document = field(compare=False)
    statement: Statement = field(compare=False)

    @property
    def account(self) -> str:
        """The account that has the role."""
        return self.role.split(":")[4]


@dataclass(frozen=True)
class CrossAccountAccess:
    """Role assumptions between the accounts of several assemblies, or between one assembly and accounts that were not read."""

    assembly: Assembly
    principals: AccountPrincipals
    context: Mapping[str, Values] = field(default_factory=dict)

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        """The accounts whose assemblies are seen."""
        return tuple(sorted({each.account for each in self.assembly.templates if each.account}))

    @cached_property
    def assumable_roles(self) -> tuple[AssumableRole, ...]:
        """The roles that a principal of another account can assume."""
        found = (
            self._assumable(role) for role in self.principals.account.of_kind(ActorKind.ROLE) if role.trust
        )
        return tuple(sorted((each for each in found if each.answers), key=lambda each: each.role.arn))

    @cached_property
    def question(self) -> Question:
        """The question who can assume a role."""
        return Question(self.assembly, self.principals, ASSUME_ROLE, "*", self.context, Spelling())

    def _assumable(self, role: Actor) -> AssumableRole:
        answers = (each for each in self.question.callers(role) if each.actor.account != role.account)
        return AssumableRole(role, tuple(sorted(answers, key=lambda each: each.actor.arn)))

    def one_sided(self) -> Iterator[OneSidedTrust]:
        """Give trusts that nobody can use, and permissions to assume roles that do not trust the holder."""
        allowed_accounts = {
            assumable.role.arn: {each.actor.account for each in assumable.answers}
            for assumable in self.assumable_roles
        }
        for role in self.principals.account.of_kind(ActorKind.ROLE):
            yield from self._trusts(role, allowed_accounts.get(role.arn, set()))
        yield from self._permissions()

    def _trusts(self, role: Actor, allowed_accounts: set[str]) -> Iterator[OneSidedTrust]:
        for statement in role.trust.statements if role.trust else ():
            if statement.effect is Effect.DENY or not statement.covers_action(ASSUME_ROLE.lower()):
                continue
            named = {principal(text).account for text in statement.principals.get("AWS", ())}
            for account in sorted(named - {"", role.account} - allowed_accounts):
                is_seen = account in self.accounts
                why = (
                    "no principal in its templates can assume it"
                    if is_seen
                    else "which principals there can assume it is not known"
                )
                text = f"{role.arn} trusts account {account}: {why}"
                yield OneSidedTrust(text, self._place(role.trust, statement), is_seen)

    def _permissions(self) -> Iterator[OneSidedTrust]:
        """Check each permission once, however many members its group has."""
        assumable = {
            (each.actor.arn, found.role.arn) for found in self.assumable_roles for each in found.answers
        }
        holders: dict[_AssumePermission, list[Actor]] = {}
        for permission, actor in self._named():
            holders.setdefault(permission, []).append(actor)
        for permission, actors in holders.items():
            if not any((each.arn, permission.role) in assumable for each in actors):
                text = f"{permission.holder} has permission to assume {permission.role}: {self._refusal(actors[0], permission)}"
                yield OneSidedTrust(
                    text,
                    self._place(permission.document, permission.statement),
                    permission.account in self.accounts,
                )

    def _refusal(self, actor: Actor, permission: _AssumePermission) -> str:
        if permission.account not in self.accounts:
            return f"the trust policy is in account {permission.account}, which was not read"
        found = self.principals.account.actor(permission.role)
        if found is None:
            return f"the templates of account {permission.account} have no such role"
        return f"the role does not let it in: {self.question.assumption(actor, found).verdict.because}"

    def _named(self) -> Iterator[tuple[_AssumePermission, Actor]]:
        """Give each permission to assume a role of another account that is named without a wildcard, with who has it."""
        for actor in self.principals.account.actors:
            for grant in actor.grants if actor.kind in {ActorKind.USER, ActorKind.ROLE} else ():
                group = self.principals.account.actor(grant.group) if grant.group else None
                for statement in grant.document.concerning(ASSUME_ROLE.lower()):
                    for role in _roles(statement, actor):
                        holder = group or actor
                        yield (
                            _AssumePermission(holder.name, holder.arn, role, grant.document, statement),
                            actor,
                        )

    def _place(self, document: Document | None, statement: Statement) -> str:
        policy = self.principals.policies.get(id(document))
        return str(place_of(policy, statement)) if policy else document.file if document else ""


def _roles(statement: Statement, actor: Actor) -> Iterator[str]:
    for text in statement.resources if statement.effect is Effect.ALLOW else ():
        # A pattern names no role in particular, so it is never one-sided (ADR 30).
        arn = None if _WILDCARDS & set(text) else Arn.parse(text)
        if arn is not None and ":role/" in text and arn.account not in ("", actor.account):
            yield text
