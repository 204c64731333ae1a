"""Set difference of two accesses: requests that one permits and the other does not.

Each class of actions and principals is checked; classes to which the same statements apply are checked once.
No difference is a proof. The core question is whether boxes cover a box: is there a request that satisfies
all constraints of one box and is outside all the others? `Cover` decides it by a search over the constraints
that must fail, with propagation of forced choices as in DPLL; each part of a request is decided exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

from keywright.reasoning.sets.access_sets import has_resource
from keywright.reasoning.sets.condition_sets import has_values
from keywright.reasoning.sets.constraints import RESOURCE, Box, Parts, all_of, by_part, in_order
from keywright.reasoning.sets.principal_sets import PrincipalMatches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.reasoning.sets.access_sets import Access, Rule, Rules
    from keywright.reasoning.sets.action_sets import ActionClass
    from keywright.reasoning.sets.constraints import Constraint, Parts
    from keywright.reasoning.sets.principal_sets import PrincipalClass

    AnyConstraint = Constraint[Any]

Boxes = frozenset[Box]


@dataclass(frozen=True, slots=True)
class Difference:
    """Requests that may be new: of one class of actions, by some classes of principals, within `parts`."""

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
        """Whether there is no difference even without a search.

        All previous allows and denials still apply.
        """
        if not all(self.after):
            return True
        if not self.before_denials <= self.after_denials:
            return False
        return all(any(layer <= was for layer in self.after) for was in self.before)


@dataclass(frozen=True)
class Differences:
    """The search for what *after* permits and *before* does not; `given` holds for every request."""

    before: Access
    after: Access
    classes: dict[int, ActionClass]
    principals: tuple[PrincipalClass, ...]
    given: Box
    cover: Cover

    def __iter__(self) -> Iterator[Difference]:
        """Yield differences; none at all is a proof."""
        questions: dict[_Question, list[tuple[int, list[PrincipalClass]]]] = {}
        for membership in self.classes:
            for question, who in self._questions(membership):
                questions.setdefault(question, []).append((membership, who))
        for question, places in questions.items():
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
                self._first_seen.setdefault(box, len(self._first_seen))
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
        """Return when a rule applies to a class of principals.

        Never, within its box, or where AWS leaves it open.
        """
        statement = rule.statement
        if not (statement.principals or statement.not_principals):
            return (rule.box,)
        self.cover.apply(sum(map(len, statement.not_principals.values())))
        return tuple(rule.box | uninterpreted for uninterpreted in self._matches.of(statement, who))

    @cached_property
    def _first_seen(self) -> dict[Box, int]:
        """The order in which boxes were first seen.

        They are checked in it, so that the witness is always the same.
        """
        return {}

    def _in_order(self, boxes: Boxes) -> list[Box]:
        return sorted(boxes, key=self._first_seen.__getitem__)

    @cached_property
    def _matches(self) -> PrincipalMatches:
        return PrincipalMatches()

    def _answers(self, question: _Question) -> Iterator[Parts]:
        # New access: some box of every layer after the change, and before it either no box of some
        # layer, or a Deny that no longer applies.
        for choice in product(*map(self._in_order, question.after)):
            required: Box = question.given.union(*choice)
            for was in question.before:
                yield from self.cover.outside(required, self._in_order(was | question.after_denials))
            for denial in self._in_order(question.before_denials - question.after_denials):
                yield from self.cover.outside(required | denial, self._in_order(question.after_denials))


MOST_CHOICES = 5_000
"""How many choices one comparison may make."""
MOST_APPLICATIONS = 2_000_000
"""How often one comparison may test whether a statement applies to a class of actions and principals."""


class StatementsTooComplexError(Exception):
    """The statements combine in too many ways to decide within the budget."""


@dataclass
class Cover:
    """The searches of one comparison, with a common budget."""

    choices_left: int = MOST_CHOICES
    spent: int = field(default=0, init=False)
    applied: int = field(default=0, init=False)

    def apply(self, statements: int) -> None:
        """Count statements that are tested."""
        self.applied += statements
        if self.applied > MOST_APPLICATIONS:
            raise StatementsTooComplexError

    def outside(self, box: Box, others: Iterable[Box]) -> Iterator[Parts]:
        """Yield constraints, by part, of requests in the box and outside all the others.

        None at all is a proof.
        """
        parts = by_part(box)
        if all(is_possible(part, constraints) for part, constraints in parts.items()):
            yield from self._search(parts, list(others))

    def _search(self, parts: Parts, others: list[Box]) -> Iterator[Parts]:
        self.spent += 1
        if self.spent > self.choices_left:
            raise StatementsTooComplexError
        narrowed = _narrowed(parts, others)
        if narrowed is None:
            return
        parts, options = narrowed
        if not options:
            yield parts
            return
        # Branch on the box with the fewest constraints, as DPLL solvers do on the shortest clause.
        chosen = min(options, key=len)
        rest = [frozenset(each) for each in options if each is not chosen]
        for constraint in chosen:
            failing = _with(parts, constraint.opposite)
            if failing is not None:
                yield from self._search(failing, rest)
            # The case that it fails has been searched, so from here on it holds.
            holding = _with(parts, constraint)
            if holding is None:
                return
            parts = holding


def is_possible(part: str, constraints: Box) -> bool:
    """Return whether one part of a request can satisfy all constraints."""
    if part == RESOURCE:
        return has_resource(constraints)
    return has_values(constraints)


def _with(parts: Parts, constraint: AnyConstraint) -> Parts | None:
    """Add a constraint; None where its part cannot satisfy it."""
    constraints = parts.get(constraint.part, frozenset()) | {constraint}
    return {**parts, constraint.part: constraints} if is_possible(constraint.part, constraints) else None


def _narrowed(parts: Parts, others: list[Box]) -> tuple[Parts, list[list[AnyConstraint]]] | None:
    """Propagate forced choices; return what is left to choose, None where nothing satisfies the constraints.

    Each remaining list has constraints of which one must fail.
    """
    options: Sequence[Sequence[AnyConstraint]] = [in_order(box) for box in others]
    while True:
        held = frozenset(all_of(parts))
        if any(held.issuperset(each) for each in options):
            return None
        left = [failing for each in options if (failing := _can_fail(each, parts, held)) is not None]
        if not all(left):
            return None
        # Unit propagation: where one constraint is left, it must fail.
        forced = [each[0].opposite for each in left if len(each) == 1]
        if not forced:
            return parts, left
        options = [each for each in left if len(each) > 1]
        added = _with_all(parts, forced)
        if added is None:
            return None
        parts = added


def _with_all(parts: Parts, forced: list[AnyConstraint]) -> Parts | None:
    added = dict(parts)
    for part, constraints in by_part(frozenset(forced)).items():
        added[part] = added.get(part, frozenset()) | constraints
        if not is_possible(part, added[part]):
            return None
    return added


def _can_fail(box: Iterable[AnyConstraint], parts: Parts, held: Box) -> list[AnyConstraint] | None:
    """List the constraints that may fail; None where one fails already."""
    found = []
    for each in box:
        if each.opposite in held:
            return None
        if each in held:
            continue
        known = parts.get(each.part, frozenset())
        if known and not is_possible(each.part, known | {each}):
            return None
        if is_possible(each.part, known | {each.opposite}):
            found.append(each)
    return found
