"""Whether an actor has full access: by all its policies together, minus denials, within its boundary.

An administrator can perform every action on every resource, perhaps only under some conditions (with MFA,
from some network). An actor that lacks a single service is not one, however far it could escalate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.policy.statement import UNKNOWN_ACTION, Effect
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
    """The actor can do everything."""


@dataclass(frozen=True, slots=True)
class NotAdministrator:
    """The actor cannot perform this action, at least on some resource."""

    lacks: str


@dataclass(frozen=True, slots=True)
class UndecidedAdministrator:
    """What is known of the policies is not enough to decide."""

    because: str


TOO_MANY = (
    "the patterns of its actions or resources overlap in too many ways to decide whether it has full access"
)

AdministratorStatus = Administrator | NotAdministrator | UndecidedAdministrator


def is_administrator(policies: Sequence[Document], boundary: Document | None = None) -> AdministratorStatus:
    """Return whether policies together give full access within a boundary."""
    grants = tuple(Grant(document) for document in policies)
    return administrator_status(Actor(ActorKind.POLICY, "", "", grants, boundary))


@lru_cache(maxsize=65_536)
def administrator_status(actor: Actor) -> AdministratorStatus:
    """Return whether an actor has full access."""
    doubts = [*actor.doubts, *(each.reason for document in actor.all_documents for each in document.unread)]
    # Whoever lacks an action that no pattern names is not an administrator: the quickest test, and it
    # settles most.
    if not any(each.allows_unknown_actions for each in actor.documents):
        return UndecidedAdministrator(doubts[0]) if doubts else NotAdministrator(UNKNOWN_ACTION)
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
    """Return whether one statement allows everything and nothing restricts it."""
    statements = [statement for document in actor.documents for statement in document.statements]
    if actor.boundary is not None or any(each.effect is not Effect.ALLOW for each in statements):
        return False
    return any(map(_allows_everything, statements))


def _allows_everything(statement: Statement) -> bool:
    return (
        statement.effect is Effect.ALLOW
        and "*" in statement.actions
        and "*" in statement.resources
        and not statement.conditions
    )


def _everywhere(actor: Actor, action: str) -> bool:
    """Return whether an action is allowed on every resource."""
    found = allowed_resources(actor, action, {})
    return not found.excluded and not found.required and all(map(_is_whole, _unions(found)))


def _unions(found: ResourceSet) -> Iterator[tuple[frozenset[Language], list[frozenset[Language]]]]:
    for layer in found.layers:
        named = frozenset().union(*(cell.any_of for cell in layer if cell.any_of))
        yield named, [cell.none_of for cell in layer if cell.any_of is None]


def _is_whole(layer: tuple[frozenset[Language], list[frozenset[Language]]]) -> bool:
    """Return whether every resource is named, or is outside some exception."""
    named, exceptions = layer
    return EVERYTHING in named or find_word(exceptions, named) is None


def _representative_actions(actor: Actor) -> Iterator[str]:
    """Return one action of each class that the patterns distinguish.

    If all of them are allowed, everything is.

    An action that is not allowed is denied, or is outside all `Action` patterns and inside all `NotAction`
    patterns. So it is enough to test an action of each pattern that no narrower one matches, one of each
    intersection of two exceptions, and one that no pattern names.
    """
    yield UNKNOWN_ACTION
    statements = [statement for document in actor.all_documents for statement in document.statements]
    if any(map(_allows_everything, (each for document in actor.documents for each in document.statements))):
        # Beside it no other Allow adds anything, so that only what restricts it distinguishes actions.
        others = {id(each) for document in actor.documents for each in document.statements}
        statements = [
            each for each in statements if each.effect is not Effect.ALLOW or id(each) not in others
        ]
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
