"""Whether boxes cover a box: a search over what statements ask, with proofs part by part.

The question is always the same: is there a request that meets all constraints of one box and lies in none of
others? Constraints are about one part of the request each, so a choice of constraints can be met exactly when each
part can be met on its own; what is left is to choose, for each other box, the constraint that fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.reasoning.condition_sets import has_values
from keywright.reasoning.constraints import RESOURCE, all_of, by_part, in_order
from keywright.reasoning.resource_sets import has_resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.reasoning.constraints import Box, Constraint, Parts

    AnyConstraint = Constraint[Any]

CHOICES = 5_000
"""How many choices one comparison may make."""
APPLICATIONS = 2_000_000
"""How often one comparison may ask whether a statement is about a class of actions and principals."""


class TooManyChoicesError(Exception):
    """The statements combine in too many ways to tell within the budget."""


@dataclass
class Cover:
    """One comparison's searches, on one budget."""

    choices_left: int = CHOICES
    spent: int = field(default=0, init=False)
    applied: int = field(default=0, init=False)

    def apply(self, statements: int) -> None:
        """Take note that so many statements are looked at.

        Raises:
            TooManyChoicesError: There were too many.
        """
        self.applied += statements
        if self.applied > APPLICATIONS:
            raise TooManyChoicesError

    def outside(self, box: Box, others: Iterable[Box]) -> Iterator[Parts]:
        """Yield, part by part, constraints of requests in the box and in none of the others; none is a proof.

        Raises:
            TooManyChoicesError: The budget is spent.
            TooManyTextsError: Patterns overlap in too many ways.
        """
        parts = by_part(box)
        if all(is_possible(part, constraints) for part, constraints in parts.items()):
            yield from self._search(parts, list(others))

    def _search(self, parts: Parts, others: list[Box]) -> Iterator[Parts]:
        self.spent += 1
        if self.spent > self.choices_left:
            raise TooManyChoicesError
        narrowed = _narrowed(parts, others)
        if narrowed is None:
            return
        parts, options = narrowed
        if not options:
            yield parts
            return
        chosen = min(options, key=len)
        rest = [frozenset(each) for each in options if each is not chosen]
        for constraint in chosen:
            failing = _with(parts, constraint.opposite)
            if failing is not None:
                yield from self._search(failing, rest)
            holding = _with(parts, constraint)
            if holding is None:
                return
            parts = holding


def is_possible(part: str, constraints: Box) -> bool:
    """Tell whether one part of a request can meet all constraints."""
    if part == RESOURCE:
        return has_resource(constraints)
    return has_values(constraints)


def _with(parts: Parts, constraint: AnyConstraint) -> Parts | None:
    """Add a constraint; None when its part can't meet it."""
    constraints = parts.get(constraint.part, frozenset()) | {constraint}
    return {**parts, constraint.part: constraints} if is_possible(constraint.part, constraints) else None


def _narrowed(parts: Parts, others: list[Box]) -> tuple[Parts, list[list[AnyConstraint]]] | None:
    """Follow what is forced until nothing is; give what is left to choose, None when nothing can be met.

    Each list left holds constraints of which one must fail.
    """
    options: Sequence[Sequence[AnyConstraint]] = [in_order(box) for box in others]
    while True:
        held = frozenset(all_of(parts))
        if any(held.issuperset(each) for each in options):
            return None
        left = [failing for each in options if (failing := _can_fail(each, parts, held)) is not None]
        if not all(left):
            return None
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
    """List the constraints that may fail; None when one does already."""
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
