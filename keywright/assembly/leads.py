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
        found = {id(document) for document, speaking in self._spoken if _may_meet(speaking, among)}
        open_ones = self._unread
        return tuple(
            actor
            for actor in self._actors
            if actor.doubts or any(id(each) in found or id(each) in open_ones for each in actor.documents)
        )

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        return tuple({id(each): each for actor in self._actors for each in actor.documents}.values())

    @cached_property
    def _unread(self) -> frozenset[int]:
        return frozenset(id(each) for each in self._documents if each.unread)

    @cached_property
    def _spoken(self) -> list[tuple[Document, frozenset[Language]]]:
        pairs = ((each, frozenset(allowed_on(each, self._action))) for each in self._documents)
        return [(document, speaking) for document, speaking in pairs if speaking]


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
