"""Where one access reaches outside of another: every class of actions and principals asked in turn.

Classes for which the same statements apply are asked once. Nothing found is a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from keywright.reasoning.constraints import Box, Parts
from keywright.reasoning.naming_sets import Namings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.reasoning.access_sets import Access, Rule, Rules
    from keywright.reasoning.action_sets import ActionClass
    from keywright.reasoning.cover import Cover
    from keywright.reasoning.principal_sets import PrincipalClass

Boxes = frozenset[Box]


@dataclass(frozen=True, slots=True)
class Difference:
    """Requests that may be new: of one class of actions, by one class of principals, within `parts`."""

    membership: int
    actions: ActionClass
    principals: tuple[PrincipalClass, ...]
    parts: Parts


@dataclass(frozen=True, slots=True)
class _Question:
    """What applies to one class, on both sides."""

    after: tuple[Boxes, ...]
    after_denials: Boxes
    before: tuple[Boxes, ...]
    before_denials: Boxes
    given: Box

    @property
    def is_covered(self) -> bool:
        """Tell whether the answer is no without a search: all that allowed still does, all that denies did not."""
        if not all(self.after):
            return True
        if not self.before_denials <= self.after_denials:
            return False
        return all(any(layer <= was for layer in self.after) for was in self.before)


@dataclass(frozen=True)
class Differences:
    """The search for what *after* permits outside of *before*; `given` holds of every request."""

    before: Access
    after: Access
    classes: dict[int, ActionClass]
    principals: tuple[PrincipalClass, ...]
    given: Box
    cover: Cover

    def __iter__(self) -> Iterator[Difference]:
        """Yield differences; none at all is a proof."""
        asked: dict[_Question, list[tuple[int, list[PrincipalClass]]]] = {}
        for membership in self.classes:
            for question, who in self._questions(membership):
                asked.setdefault(question, []).append((membership, who))
        for question, places in asked.items():
            if question.is_covered:
                continue
            for parts in self._answers(question):
                for membership, who in places:
                    yield Difference(membership, self.classes[membership], tuple(who), parts)

    def _questions(self, membership: int) -> Iterable[tuple[_Question, list[PrincipalClass]]]:
        found: dict[_Question, list[PrincipalClass]] = {}
        for who in self.principals:
            found.setdefault(self._question(membership, who), []).append(who)
        return found.items()

    def _question(self, membership: int, who: PrincipalClass) -> _Question:
        def boxes(rules: Rules) -> Boxes:
            self.cover.apply(len(rules.excepting) + membership.bit_count())
            found = [box for rule in rules.covering(membership) for box in self._boxes(rule, who)]
            for box in found:
                self._met.setdefault(box, len(self._met))
            return frozenset(found)

        before, after = (tuple(map(boxes, side.layers)) for side in (self.before, self.after))
        return _Question(
            after,
            boxes(self.after.denials),
            before,
            boxes(self.before.denials),
            who.box | self.given,
        )

    def _boxes(self, rule: Rule, who: PrincipalClass) -> tuple[Box, ...]:
        """Give when a rule is about a class of principals: never, by its box, or where AWS answers a riddle so."""
        statement = rule.statement
        if not (statement.principals or statement.not_principals):
            return (rule.box,)
        self.cover.apply(sum(map(len, statement.not_principals.values())))
        return tuple(rule.box | riddle for riddle in self._namings.of(statement, who))

    @cached_property
    def _met(self) -> dict[Box, int]:
        """When each box was met first: by that they are asked, so that one comparison has one witness."""
        return {}

    def _in_order(self, boxes: Boxes) -> list[Box]:
        return sorted(boxes, key=self._met.__getitem__)

    @cached_property
    def _namings(self) -> Namings:
        return Namings()

    def _answers(self, question: _Question) -> Iterator[Parts]:
        for choice in product(*map(self._in_order, question.after)):
            required: Box = question.given.union(*choice)
            for was in question.before:
                yield from self.cover.outside(required, self._in_order(was | question.after_denials))
            for denial in self._in_order(question.before_denials - question.after_denials):
                yield from self.cover.outside(required | denial, self._in_order(question.after_denials))
