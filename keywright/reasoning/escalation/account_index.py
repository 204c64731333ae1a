"""Indexes of the actors of an account by ARN, so that a pattern is not compared with every actor."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from keywright.policy.principals import PrincipalKind, is_everyone, principal
from keywright.policy.statement import Effect, Statement
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.trust import trusted_providers, trusts_service
from keywright.reasoning.escalation.technique import actions_by_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.policy.statement import Document
    from keywright.reasoning.account.actors import Account, Actor
    from keywright.reasoning.account.resource_sets import PatternSet, ResourceSet
    from keywright.reasoning.sets.languages import Language

_AFTER_ALL = "\U0010ffff"


class ActorIndex:
    """Actors of one kind, in the order of the account."""

    def __init__(self, actors: Iterable[Actor]) -> None:
        self.actors = tuple(actors)
        self.arns = frozenset(each.arn for each in self.actors)
        self._found: dict[tuple[ResourceSet, ...], tuple[Actor, ...]] = {}

    def within(self, resource_sets: Sequence[ResourceSet]) -> tuple[Actor, ...]:
        """Return the actors whose ARNs are in all given sets; computed once."""
        key = tuple(resource_sets)
        if key not in self._found:
            self._found[key] = tuple(
                self.actors[index]
                for index in sorted(self._candidates(resource_sets))
                if all(each.contains(self.actors[index].arn) for each in resource_sets)
            )
        return self._found[key]

    def _candidates(self, resource_sets: Sequence[ResourceSet]) -> Iterable[int]:
        """Return the positions of a superset of those actors: the matches of the most selective layer."""
        layers = [self._in_layer(layer) for each in resource_sets for layer in each.layers]
        found: Sequence[int] | set[int] = range(len(self.actors))
        for each in layers:
            found = each if each is not None and len(each) < len(found) else found
        return found

    def _in_layer(self, layer: tuple[PatternSet, ...]) -> set[int] | None:
        """Return the actors whose ARNs start or end like some pattern.

        None where the layer selects all of them.
        """
        found: set[int] = set()
        for cell in layer:
            for each in cell.any_of or ():
                numbers = self._like(each)
                if len(numbers) == len(self.actors):
                    return None
                found.update(numbers)
            if cell.any_of is None:
                return None
        return found

    def _like(self, each: Language) -> Sequence[int]:
        if each.literal is not None:
            return self._by_arn.get(each.literal, ())
        name = each.tail.rpartition("/")
        if name[1]:
            return self._by_name.get(name[2], ())
        arns = self._sorted
        # ARNs with the prefix are a contiguous range of the sorted list.
        first, end = bisect_left(arns, (each.head, -1)), bisect_left(arns, (each.head + _AFTER_ALL, -1))
        return [number for _, number in arns[first:end]]

    @cached_property
    def _sorted(self) -> list[tuple[str, int]]:
        return sorted((each.arn, number) for number, each in enumerate(self.actors))

    @cached_property
    def _by_arn(self) -> dict[str, list[int]]:
        return _by(each.arn for each in self.actors)

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """Positions of the actors by the part of the ARN after the last slash."""
        return _by(each.user_name for each in self.actors)


def _by(texts: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        found.setdefault(text, []).append(number)
    return found


@dataclass(frozen=True, eq=False)
class AccountIndex:
    """The actors of one account, by kind and by the principals that their trust policies allow."""

    account: Account
    resource_sets: dict[tuple[Any, ...], tuple[ResourceSet, list[list[Statement]]]] = field(
        default_factory=dict, init=False
    )
    """Allowed resources of an action by the statements about it, where these alone determine them."""
    _allowed: dict[int, tuple[Document, frozenset[str]]] = field(default_factory=dict, init=False)
    _by_kind: dict[tuple[ActorKind, str], ActorIndex] = field(default_factory=dict, init=False)
    _trusting_services: dict[tuple[tuple[str, ...], str], ActorIndex] = field(
        default_factory=dict, init=False
    )

    def actions_allowed_in(self, document: Document) -> frozenset[str]:
        """Return the technique actions that a document's Allow statements match.

        Computed once per document.
        """
        known = self._allowed.get(id(document))
        if known is None:
            known = document, _allowed_in(document)
            self._allowed[id(document)] = known
        return known[1]

    def actors_of(self, kind: ActorKind, owner: str) -> ActorIndex:
        """Return the users, the roles, or all groups that belong to an account ID."""
        if (kind, owner) not in self._by_kind:
            self._by_kind[kind, owner] = ActorIndex(
                each for each in self.account.of_kind(kind) if each.account == owner
            )
        return self._by_kind[kind, owner]

    @cached_property
    def roles(self) -> ActorIndex:
        """All roles of all accounts."""
        return ActorIndex(self.account.of_kind(ActorKind.ROLE))

    def roles_for_service(self, services: tuple[str, ...], owner: str) -> ActorIndex:
        """Return the roles of an account ID that one of some services may assume."""
        key = (services, owner)
        if key not in self._trusting_services:
            roles = self.actors_of(ActorKind.ROLE, owner).actors
            self._trusting_services[key] = ActorIndex(
                each for each in roles if trusts_service(each, services)
            )
        return self._trusting_services[key]

    @cached_property
    def providers(self) -> tuple[tuple[Actor, frozenset[str]], ...]:
        """Roles with the identity providers that they trust."""
        pairs = ((role, trusted_providers(role)) for role in self.roles.actors)
        return tuple((role, found) for role, found in pairs if found)

    def roles_admitting(self, actor: Actor, allowed: ResourceSet) -> Iterator[Actor]:
        """Return the roles whose trust policy may allow an actor; its own policies allow those in `allowed`."""
        callable_ones = () if allowed.is_empty else self.roles.within([allowed])
        several = (
            *self._admitting_anyone,
            *self._naming.get(actor.arn, ()),
            *(role for role in callable_ones if id(role) in self._admitting_accounts),
        )
        yield from sorted(dict.fromkeys(several), key=lambda role: self._places[id(role)])

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(role): place for place, role in enumerate(self.roles.actors)}

    @cached_property
    def _trusted(self) -> list[tuple[Actor, _Trusted]]:
        return [(role, _trusted(role)) for role in self.roles.actors]

    @cached_property
    def _admitting_anyone(self) -> tuple[Actor, ...]:
        return tuple(role for role, trusted in self._trusted if trusted.anyone)

    @cached_property
    def _admitting_accounts(self) -> frozenset[int]:
        return frozenset(id(role) for role, trusted in self._trusted if trusted.accounts)

    @cached_property
    def _naming(self) -> dict[str, list[Actor]]:
        found: dict[str, list[Actor]] = {}
        for role, trusted in self._trusted:
            for text in trusted.named:
                found.setdefault(text, []).append(role)
        return found


@lru_cache(maxsize=8)
def account_index(account: Account) -> AccountIndex:
    """Return the index of an account; built once."""
    return AccountIndex(account)


class _Trusted(NamedTuple):
    """Whom a trust policy may allow: named principals, principals of named accounts, or anyone."""

    named: frozenset[str]
    accounts: bool
    anyone: bool


def _trusted(role: Actor) -> _Trusted:
    if role.trust is None or role.trust.unread:
        return _Trusted(frozenset(), accounts=True, anyone=False)
    allowing = [each for each in role.trust.statements if each.effect is Effect.ALLOW]
    anyone = any(each.not_principals or is_everyone(each.principals) for each in allowing)
    named = frozenset(text for each in allowing for text in each.principals.get("AWS", ()))
    kinds = {principal(text).kind for text in named}
    return _Trusted(
        named,
        accounts=PrincipalKind.ROOT in kinds,
        anyone=anyone or bool(kinds - {PrincipalKind.ROOT, PrincipalKind.USER, PrincipalKind.ROLE}),
    )


def _allowed_in(document: Document) -> frozenset[str]:
    several = (
        _covered(each.actions, each.not_actions)
        for each in document.statements
        if each.effect is Effect.ALLOW
    )
    return frozenset().union(*several)


@lru_cache(maxsize=4096)
def _covered(actions: tuple[str, ...], not_actions: tuple[str, ...]) -> frozenset[str]:
    """Return the technique actions that `Action` or `NotAction` matches; many statements have the same."""
    covers = Statement(actions=actions, not_actions=not_actions).covers_action
    return frozenset(each for each in _perhaps(actions, not_actions) if covers(each.lower()))


def _perhaps(actions: tuple[str, ...], not_actions: tuple[str, ...]) -> Iterator[str]:
    """Return the technique actions of the services in a statement.

    Of all services, where it has a wildcard there.
    """
    known = actions_by_service()
    services = {text.partition(":")[0].lower() for text in actions}
    if not_actions or any("*" in service or "?" in service for service in services):
        services = set(known)
    return (action for service in services for action in known.get(service, ()))
