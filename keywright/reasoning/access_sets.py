"""What policies permit, laid out for comparison: layers of Allow statements, each of which must permit, and denials.

A request is permitted when in every layer some statement allows it and no statement anywhere denies it. A policy
alone is one layer; a permissions boundary is one more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.policy.statement import Effect
from keywright.reasoning.condition_sets import key_test
from keywright.reasoning.constraints import Box, constraint
from keywright.reasoning.resource_sets import resource_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keywright.policy.document import Document
    from keywright.policy.statement import Statement
    from keywright.reasoning.action_sets import Actions
    from keywright.reasoning.constraints import Constraint


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement with the number of its element of actions and the box of everything else but principals."""

    statement: Statement
    element: int
    box: Box

    def covers(self, membership: int) -> bool:
        """Tell whether it is about the actions of a membership."""
        return bool(membership >> self.element & 1) is not bool(self.statement.not_actions)


@dataclass(frozen=True, slots=True)
class Access:
    """What some policies permit together. A layer without rules permits nothing."""

    layers: tuple[tuple[Rule, ...], ...]
    denials: tuple[Rule, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, whatever it does."""
        return (*(rule for layer in self.layers for rule in layer), *self.denials)


def access(layers: Sequence[Iterable[Document]], actions: Actions) -> Access:
    """Lay out what layers of documents permit; actions are numbered as they come."""
    allowing: list[tuple[Rule, ...]] = []
    denials: list[Rule] = []
    for layer in layers:
        allows: list[Rule] = []
        for document in layer:
            for statement in document.statements:
                rules = allows if statement.effect is Effect.ALLOW else denials
                rules.append(_rule(statement, actions))
        allowing.append(tuple(allows))
    return Access(tuple(allowing), tuple(denials))


def _rule(statement: Statement, actions: Actions) -> Rule:
    return Rule(statement, actions.number(statement.actions or statement.not_actions), box_of(statement))


def box_of(statement: Statement) -> Box:
    """Give what a statement asks of resource and context."""
    asked: list[Constraint[Any]] = [constraint(key_test(each)) for each in statement.condition_tests]
    texts = statement.resources or statement.not_resources
    if texts and (statement.not_resources or "*" not in texts):
        negated = bool(statement.not_resources)
        asked.append(constraint(resource_test(texts, negated, statement.knows_variables)))
    return frozenset(asked)
