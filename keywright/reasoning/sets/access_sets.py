"""The access of policies, prepared for comparison: layers of Allow statements, and Deny statements.

A request is permitted if some statement in every layer allows it and no statement denies it. A policy alone
is one layer; a permissions boundary is another one.

Source: "IAM JSON policy elements: Resource". The five leading fields of an ARN are matched one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.policy.matching.arn import arn_pattern
from keywright.policy.matching.patterns import pieces
from keywright.policy.statement import Effect
from keywright.reasoning.sets.condition_sets import key_test
from keywright.reasoning.sets.constraints import Box, ResourceTest, constraint
from keywright.reasoning.sets.emptiness import some_word
from keywright.reasoning.sets.languages import Dialect, Language, language, pattern
from keywright.reasoning.sets.memo import memoized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.sets.action_sets import Actions
    from keywright.reasoning.sets.constraints import Constraint, ResourceConstraints
    from keywright.reasoning.sets.emptiness import Union


def resource_language(text: str) -> Language:
    """Return the language of an ARN pattern without variables."""
    return pattern(pieces(text), Dialect.ARN)


ANY_RESOURCE = frozenset({resource_language("arn:*:*:*:*:*"), language(("*",))})
"""Every resource that a request may name."""


@memoized
def resource_test(texts: tuple[str, ...], negated: bool, knows_variables: bool) -> ResourceTest:  # noqa: FBT001 - cached by position
    """Return the test of the patterns of an element."""
    known = (arn_pattern(text, knows_variables) for text in texts)
    return ResourceTest(frozenset(pattern(each.tokens, Dialect.ARN) for each in known), negated)


@memoized
def has_resource(constraints: ResourceConstraints) -> bool:
    """Return whether some resource satisfies all constraints; False is a proof."""
    return some_word(*required_and_excluded(constraints)) is not None


def required_and_excluded(
    constraints: Iterable[Constraint[ResourceTest]],
) -> tuple[list[Union], set[Language]]:
    """Return the unions of which a resource must match one each, and the patterns that it must not match."""
    required: list[Union] = []
    excluded: set[Language] = set()
    for each in constraints:
        if each.holds is not each.test.negated:
            required.append(each.test.texts)
        else:
            excluded |= each.test.texts
    return required, excluded


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
    constraints: list[Constraint[Any]] = [constraint(key_test(each)) for each in statement.condition_tests]
    texts = statement.resources or statement.not_resources
    if texts and (statement.not_resources or "*" not in texts):
        negated = bool(statement.not_resources)
        constraints.append(constraint(resource_test(texts, negated, statement.knows_variables)))
    return frozenset(constraints)
