"""Whether somebody may do everything: by all of its policies together, minus what they deny, within its boundary.

An administrator may do every action on every resource, perhaps only in some circumstances (with MFA, from some
network), but never less. Whoever lacks a single service is none, however far it could still get: that is escalation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.policy.statement import UNHEARD_OF, Effect
from keywright.reasoning.account.actors import Actor, ActorKind, Grant
from keywright.reasoning.account.resource_sets import EVERYTHING, ResourceSet, allowed_resources
from keywright.reasoning.sets.emptiness import PatternsTooComplexError, find_word, is_subset, text_of
from keywright.reasoning.sets.languages import Dialect, language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.sets.languages import Language


@dataclass(frozen=True, slots=True)
class Administrator:
    """It may do everything."""


@dataclass(frozen=True, slots=True)
class NotAdministrator:
    """It may not do everything: not this action, on some resource at least."""

    lacks: str


@dataclass(frozen=True, slots=True)
class UndecidedAdministrator:
    """What is known of its policies does not tell."""

    because: str


TOO_MANY = (
    "the patterns of its actions or resources overlap in too many ways to decide whether it has full access"
)

AdministratorStatus = Administrator | NotAdministrator | UndecidedAdministrator


def is_administrator(policies: Sequence[Document], boundary: Document | None = None) -> AdministratorStatus:
    """Tell whether policies together make an administrator of whoever bears them within a boundary."""
    grants = tuple(Grant(document) for document in policies)
    return administrator_status(Actor(ActorKind.POLICY, "", "", grants, boundary))


@lru_cache(maxsize=65_536)
def administrator_status(actor: Actor) -> AdministratorStatus:
    """Tell whether an actor may do everything."""
    doubts = [*actor.doubts, *(each.reason for document in _documents(actor) for each in document.unread)]
    if not any(each.allows_the_unheard_of for each in actor.documents):
        return UndecidedAdministrator(doubts[0]) if doubts else NotAdministrator(UNHEARD_OF)
    if doubts:
        return UndecidedAdministrator(doubts[0])
    if _is_plain(actor):
        return Administrator()
    try:
        lacking = next(
            (action for action in _representative_actions(actor) if not _everywhere(actor, action)), None
        )
    except PatternsTooComplexError:
        return UndecidedAdministrator(TOO_MANY)
    return Administrator() if lacking is None else NotAdministrator(lacking)


def _is_plain(actor: Actor) -> bool:
    """Tell whether a statement allows everything in so many words, and nothing takes any of it back."""
    statements = [statement for document in actor.documents for statement in document.statements]
    if actor.boundary is not None or any(each.effect is not Effect.ALLOW for each in statements):
        return False
    return any("*" in each.actions and "*" in each.resources and not each.conditions for each in statements)


def _documents(actor: Actor) -> tuple[Document, ...]:
    return (*actor.documents, *([actor.boundary] if actor.boundary else []))


def _everywhere(actor: Actor, action: str) -> bool:
    """Tell whether an action is allowed on every resource.

    Raises:
        TooManyTextsError: The patterns overlap in too many ways.
    """
    found = allowed_resources(actor, action, {})
    return not found.excluded and not found.required and all(map(_is_whole, _unions(found)))


def _unions(found: ResourceSet) -> Iterator[tuple[frozenset[Language], list[frozenset[Language]]]]:
    for layer in found.layers:
        named = frozenset().union(*(cell.any_of for cell in layer if cell.any_of))
        yield named, [cell.none_of for cell in layer if cell.any_of is None]


def _is_whole(layer: tuple[frozenset[Language], list[frozenset[Language]]]) -> bool:
    """Tell whether no resource lies outside of what is named and inside of every exception."""
    named, exceptions = layer
    return EVERYTHING in named or find_word(exceptions, named) is None


def _representative_actions(actor: Actor) -> Iterator[str]:
    """Give an action of every sort that the patterns tell apart; when all are allowed, everything is.

    What is not allowed is denied, or lies outside of all `Action` patterns and inside of all `NotAction` ones. So an
    action of each pattern that no narrower one covers, one of each meeting of two, and one of no pattern at all, are
    enough.

    Raises:
        TooManyTextsError: The patterns overlap in too many ways.
    """
    yield UNHEARD_OF
    statements = [statement for document in _documents(actor) for statement in document.statements]
    patterns = dict.fromkeys(each for statement in statements for each in _patterns(statement))
    for each in patterns:
        narrower = [other for other in patterns if other is not each and not is_subset(each, other)]
        yield from _word([frozenset({each})], narrower)
        yield from _word([frozenset({each})], ())
    excepted = [frozenset(_patterns(each)) for each in statements if _allows_all_but(each)]
    for index, one in enumerate(excepted):
        for other in excepted[:index]:
            yield from _word([one, other], ())


def _patterns(statement: Statement) -> tuple[Language, ...]:
    return tuple(language(each.glob.parts, Dialect.ANY_CASE) for each in statement.action_patterns)


def _allows_all_but(statement: Statement) -> bool:
    return statement.effect is Effect.ALLOW and bool(statement.not_actions)


def _word(wanted: list[frozenset[Language]], excluded: Iterable[Language]) -> Iterator[str]:
    word = find_word(wanted, excluded)
    text = text_of(word) if word else None
    if text:
        yield text.lower()
