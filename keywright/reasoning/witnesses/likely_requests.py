"""The most likely requests of a principal, read off the statements that allow them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import action_pattern
from keywright.policy.statement import Effect
from keywright.reasoning.sets.examples import EXAMPLE
from keywright.reasoning.witnesses.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.statement import Document, Statement

_WILDCARDS = frozenset("*?")
_ORDINARY = {"aws:SecureTransport": ("true",)}


def likely_requests(principal: str, asked: Document, documents: Iterable[Document]) -> Iterator[Witness]:
    """Yield requests of `asked` that a statement without conditions may allow, at most one per pair."""
    for document in documents:
        for statement in document.statements:
            if statement.effect is Effect.ALLOW and not statement.conditions and not statement.not_resources:
                yield from _of(principal, asked, statement)


def _of(principal: str, asked: Document, statement: Statement) -> Iterator[Witness]:
    for wanted in asked.statements:
        action = next(_common(statement.actions, wanted.actions), "")
        resource = next(_filled(statement.resources, wanted.resources), "")
        if action and resource:
            yield Witness(principal, action, resource, _ORDINARY)


def _common(some: tuple[str, ...], others: tuple[str, ...]) -> Iterator[str]:
    """Yield the actions of one side that a pattern of the other matches, as written."""
    for one, other in ((one, other) for one in some for other in others):
        for literal, pattern in ((other, one), (one, other)):
            if not _WILDCARDS & set(literal) and action_pattern(pattern).covers(literal.lower()):
                yield literal


def _filled(some: tuple[str, ...], others: tuple[str, ...]) -> Iterator[str]:
    """Yield resources of the patterns of either side, the most specific first.

    The caller checks that both match.
    """
    patterns = {each for each in (*some, *others) if each != "*" and "${" not in each}
    for each in sorted(patterns, key=lambda one: (-len(one.partition("*")[0]), one)):
        yield each.replace("*", EXAMPLE).replace("?", "x")
