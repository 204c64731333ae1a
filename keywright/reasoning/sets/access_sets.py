"""The access of policies, prepared for comparison: layers of Allow statements, and Deny statements.

A request is permitted if some statement in every layer allows it and no statement denies it. A policy alone
is one layer; a permissions boundary is another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.policy.statement import Effect
from keywright.reasoning.sets.condition_sets import key_test
from keywright.reasoning.sets.constraints import Box, constraint
from keywright.reasoning.sets.resource_sets import resource_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.sets.action_sets import Actions
    from keywright.reasoning.sets.constraints import Constraint


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement, the number of its action element, and the box of its resource and conditions."""

    statement: Statement
    element: int
    box: Box


@dataclass(frozen=True, slots=True)
class Rules:
    """Statements of one effect, by the action element that they name or (in `excepting`) exclude."""

    naming: dict[int, list[Rule]] = field(default_factory=dict)
    excepting: list[Rule] = field(default_factory=list)

    def add(self, rule: Rule) -> None:
        """Add a rule."""
        if rule.statement.not_actions:
            self.excepting.append(rule)
        else:
            self.naming.setdefault(rule.element, []).append(rule)

    def covering(self, membership: int) -> Iterator[Rule]:
        """Yield the rules that match the actions of a membership."""
        left = membership
        while left:
            bit = left & -left
            yield from self.naming.get(bit.bit_length() - 1, ())
            left ^= bit
        for rule in self.excepting:
            if not membership >> rule.element & 1:
                yield rule


@dataclass(frozen=True, slots=True)
class Access:
    """What some policies permit together. A layer without rules permits nothing."""

    layers: tuple[Rules, ...]
    denials: Rules

    @property
    def rules(self) -> Iterator[Rule]:
        """All statements."""
        for rules in (*self.layers, self.denials):
            yield from rules.excepting
            for several in rules.naming.values():
                yield from several


def access(layers: Sequence[Iterable[Document]], actions: Actions) -> Access:
    """Prepare the access of layers of documents; action elements are numbered as they appear."""
    allowing: list[Rules] = []
    denials = Rules()
    for layer in layers:
        allows = Rules()
        for document in layer:
            for statement in document.statements:
                rules = allows if statement.effect is Effect.ALLOW else denials
                rules.add(_rule(statement, actions))
        allowing.append(allows)
    return Access(tuple(allowing), denials)


def _rule(statement: Statement, actions: Actions) -> Rule:
    return Rule(statement, actions.number(statement.actions or statement.not_actions), box_of(statement))


def box_of(statement: Statement) -> Box:
    """Return what a statement requires of resource and context."""
    asked: list[Constraint[Any]] = [constraint(key_test(each)) for each in statement.condition_tests]
    texts = statement.resources or statement.not_resources
    if texts and (statement.not_resources or "*" not in texts):
        negated = bool(statement.not_resources)
        asked.append(constraint(resource_test(texts, negated, statement.knows_variables)))
    return frozenset(asked)
