"""Whose policies speak of an action, and on what: so that few are judged of all that there are."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.context import Context
from keywright.policy.statement import Effect
from keywright.reasoning.emptiness import TooManyTextsError, apart
from keywright.reasoning.languages import EVERYTHING
from keywright.reasoning.regions import languages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.document import Document
    from keywright.policy.statement import Statement
    from keywright.reasoning.actor import Actor
    from keywright.reasoning.languages import Language

_NOTHING_KNOWN = Context(complete=False)


class Leads:
    """Actors by the documents in force for them; each document is read once for the action (in lower case)."""

    def __init__(self, actors: tuple[Actor, ...], action: str) -> None:
        self._actors = actors
        self._action = action

    def on(self, among: Language) -> tuple[Actor, ...]:
        """Give, in their order, the actors of whom a policy may allow the action on some of these resources."""
        places = set(self._open)
        for bearers, speaking in self._spoken:
            if not places.issuperset(bearers) and _may_meet(speaking, among):
                places.update(bearers)
        return tuple(self._actors[place] for place in sorted(places))

    @cached_property
    def _bearers(self) -> list[tuple[Document, list[int]]]:
        """Each document with the places of the actors who bear it."""
        found: dict[int, tuple[Document, list[int]]] = {}
        for place, actor in enumerate(self._actors):
            for document in actor.documents:
                found.setdefault(id(document), (document, []))[1].append(place)
        return list(found.values())

    @cached_property
    def _open(self) -> frozenset[int]:
        """The places of those of whom a part is not known."""
        unread = (place for document, bearers in self._bearers if document.unread for place in bearers)
        return frozenset((*unread, *(place for place, actor in enumerate(self._actors) if actor.doubts)))

    @cached_property
    def _spoken(self) -> list[tuple[list[int], frozenset[Language]]]:
        spoken = ((bearers, frozenset(allowed_on(each, self._action))) for each, bearers in self._bearers)
        return [(bearers, speaking) for bearers, speaking in spoken if speaking]


def allowed_on(document: Document, action: str) -> Iterator[Language]:
    """Give the patterns of resources on which a document may allow an action (in lower case)."""
    for statement in document.statements:
        if statement.effect is Effect.ALLOW and statement.covers_action(action):
            yield from _patterns(statement)


def _patterns(statement: Statement) -> frozenset[Language]:
    if statement.not_resources or not statement.resources:
        return frozenset({EVERYTHING})
    return languages(statement, _NOTHING_KNOWN)


def _may_meet(patterns: frozenset[Language], among: Language) -> bool:
    return any(may_meet(each, among) for each in patterns)


def may_meet(one: Language, other: Language) -> bool:
    """Tell whether two patterns may match one text."""
    try:
        return not apart(one, other)
    except TooManyTextsError:
        return True
