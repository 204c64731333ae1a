"""The actors of an account, found by the patterns of their ARNs: so that nobody is compared with everybody."""

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

    def within(self, regions: Sequence[ResourceSet]) -> tuple[Actor, ...]:
        """Give the actors whose ARNs lie in all of some regions; looked for once."""
        key = tuple(regions)
        if key not in self._found:
            self._found[key] = tuple(
                self.actors[index]
                for index in sorted(self._candidates(regions))
                if all(each.holds(self.actors[index].arn) for each in regions)
            )
        return self._found[key]

    def _candidates(self, regions: Sequence[ResourceSet]) -> Iterable[int]:
        """Give the numbers of no fewer actors than lie in the regions: those of the layer that leaves the fewest."""
        layers = [self._in_layer(layer) for each in regions for layer in each.layers]
        found: Sequence[int] | set[int] = range(len(self.actors))
        for each in layers:
            found = each if each is not None and len(each) < len(found) else found
        return found

    def _in_layer(self, layer: tuple[PatternSet, ...]) -> set[int] | None:
        """Give the actors whose ARNs begin or end as some pattern does; None where that leaves all."""
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
        """The actors by what stands after the last slash of their ARN."""
        return _by(each.user_name for each in self.actors)


def _by(texts: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        found.setdefault(text, []).append(number)
    return found


@dataclass(frozen=True, eq=False)
class AccountIndex:
    """One account's actors, by kind and by whom their trust admits."""

    account: Account
    regions: dict[tuple[Any, ...], tuple[ResourceSet, list[list[Statement]]]] = field(
        default_factory=dict, init=False
    )
    """Where an action may be done, by the statements that say so, as far as they alone do."""
    _allowed: dict[int, tuple[Document, frozenset[str]]] = field(default_factory=dict, init=False)
    _rolls: dict[tuple[ActorKind, str], ActorIndex] = field(default_factory=dict, init=False)
    _trusting_services: dict[tuple[tuple[str, ...], str], ActorIndex] = field(
        default_factory=dict, init=False
    )

    def actions_allowed_in(self, document: Document) -> frozenset[str]:
        """Give the actions of techniques that a document's Allow statements cover; worked out once a document."""
        known = self._allowed.get(id(document))
        if known is None:
            known = document, _allowed_in(document)
            self._allowed[id(document)] = known
        return known[1]

    def roll(self, kind: ActorKind, owner: str) -> ActorIndex:
        """Give the users, roles, or all groups that one account number owns."""
        if (kind, owner) not in self._rolls:
            self._rolls[kind, owner] = ActorIndex(
                each for each in self.account.of_kind(kind) if each.account == owner
            )
        return self._rolls[kind, owner]

    @cached_property
    def roles(self) -> ActorIndex:
        """Every role, whoever owns it."""
        return ActorIndex(self.account.of_kind(ActorKind.ROLE))

    def roles_for_service(self, services: tuple[str, ...], owner: str) -> ActorIndex:
        """Give the roles of an account number that one of some services may assume."""
        key = (services, owner)
        if key not in self._trusting_services:
            roles = self.roll(ActorKind.ROLE, owner).actors
            self._trusting_services[key] = ActorIndex(
                each for each in roles if trusts_service(each, services)
            )
        return self._trusting_services[key]

    @cached_property
    def providers(self) -> tuple[tuple[Actor, frozenset[str]], ...]:
        """Pair each role with the identity providers it trusts, where there are any."""
        pairs = ((role, trusted_providers(role)) for role in self.roles.actors)
        return tuple((role, found) for role, found in pairs if found)

    def roles_admitting(self, actor: Actor, allowed: ResourceSet) -> Iterator[Actor]:
        """Give the roles whose trust may admit an actor, whose own policies allow it to assume those in a region."""
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
    """Give an account's register; made once."""
    return AccountIndex(account)


class _Trusted(NamedTuple):
    """Whom a trust may admit: these by name, whoever an account lets call, or anyone."""

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
    """Give the actions of techniques that `Action` or `NotAction` covers; many statements are about the same."""
    covers = Statement(actions=actions, not_actions=not_actions).covers_action
    return frozenset(each for each in _perhaps(actions, not_actions) if covers(each.lower()))


def _perhaps(actions: tuple[str, ...], not_actions: tuple[str, ...]) -> Iterator[str]:
    """Give the actions of the services that a statement speaks of: of all, where it leaves the service open."""
    known = actions_by_service()
    services = {text.partition(":")[0].lower() for text in actions}
    if not_actions or any("*" in service or "?" in service for service in services):
        services = set(known)
    return (action for service in services for action in known.get(service, ()))
