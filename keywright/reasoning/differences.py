"""Where one access reaches outside of another: every class of actions and principals asked in turn.

Classes for which the same statements apply are asked once. Nothing found is a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from keywright.policy.context import ABSENT
from keywright.policy.naming import named_by, not_excepted_by
from keywright.policy.principals import principal
from keywright.policy.truth import MAYBE, YES
from keywright.reasoning.constraints import Box, Constraint, KeyTest, Parts, constraint

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from keywright.policy.context import Missing, Values
    from keywright.policy.principals import Principal
    from keywright.policy.statement import Statement
    from keywright.policy.truth import Truth
    from keywright.reasoning.access_sets import Access, Rule, Rules
    from keywright.reasoning.action_sets import ActionClass
    from keywright.reasoning.cover import Cover
    from keywright.reasoning.principal_sets import PrincipalClass

PRINCIPAL = " principal"
"""The part that whether a statement names the principal is about, where AWS leaves that open."""

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
    """The search for what *after* permits outside of *before*."""

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
            return frozenset(box for rule in rules.covering(membership) for box in self._boxes(rule, who))

        return _Question(
            tuple(map(boxes, self.after.layers)),
            boxes(self.after.denials),
            tuple(map(boxes, self.before.layers)),
            boxes(self.before.denials),
            who.box | self.given,
        )

    def _boxes(self, rule: Rule, who: PrincipalClass) -> tuple[Box, ...]:
        """Give when a rule is about a class of principals: never, by its box, or where AWS answers a riddle so."""
        statement = rule.statement
        if not (statement.principals or statement.not_principals):
            return (rule.box,)
        known = self._naming.get((id(rule), who))
        if known is None:
            riddles = naming(statement, who)
            known = self._naming[id(rule), who] = tuple(rule.box | riddle for riddle in riddles)
        return known

    @cached_property
    def _naming(self) -> dict[tuple[int, PrincipalClass], tuple[Box, ...]]:
        return {}

    def _answers(self, question: _Question) -> Iterator[Parts]:
        for choice in product(*question.after):
            required: Box = question.given.union(*choice)
            for was in question.before:
                yield from self.cover.outside(required, was | question.after_denials)
            for denial in question.before_denials - question.after_denials:
                yield from self.cover.outside(required | denial, question.after_denials)


def naming(statement: Statement, who: PrincipalClass) -> tuple[Box, ...]:
    """Give what must hold for a statement to name a class of principals, be it by their account alone.

    Nothing (an empty box) when it does for sure; else a riddle for each name of which AWS leaves open whether it
    means them.
    """
    user_id = (who.user_id,) if who.user_id else ABSENT
    each = principal(who.text)
    if statement.principals:
        names = [(kind, name) for kind, values in statement.principals.items() for name in values]
        answers: list[tuple[Hashable, Truth]] = [(named, _is_named(*named, each, user_id)) for named in names]
    else:
        excepted = statement.not_principals
        answer = MAYBE if _has_pattern(excepted) else not_excepted_by(excepted, each, user_id)
        answers = [(frozenset((kind, frozenset(values)) for kind, values in excepted.items()), answer)]
    if any(answer is YES for _, answer in answers):
        return (frozenset(),)
    return tuple(frozenset({_riddle(named)}) for named, answer in answers if answer is MAYBE)


def _is_named(kind: str, name: str, who: Principal, user_id: Values | Missing) -> Truth:
    element = {kind: (name,)}
    return MAYBE if _has_pattern(element) else named_by(element, who, user_id).account


def _has_pattern(element: Mapping[str, Values]) -> bool:
    """Tell whether a name has a wildcard in it, which AWS takes in no policy, so that it may mean anything."""
    names = (name for values in element.values() for name in values)
    return any(name != "*" and ("*" in name or "?" in name) for name in names)


def _riddle(named: Hashable) -> Constraint[KeyTest]:
    """Stand for whether a name means the principal: one answer for each name and request."""
    return constraint(KeyTest(PRINCIPAL, None, riddle=named))
