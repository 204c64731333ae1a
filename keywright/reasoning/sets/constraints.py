"""Constraints: what a statement requires of one part of a request, and the opposite.

A statement applies if all its constraints hold. Each constraint is about one part of the request only (the
resource, or one condition key), so whether several can hold together is decided part by part. In this respect
a set of constraints is a box, as in interval analysis.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from keywright.reasoning.sets.memo import memoized

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from keywright.policy.conditions import SetOperator
    from keywright.policy.statement import Document
    from keywright.reasoning.sets.languages import Language
    from keywright.reasoning.sets.value_sets import ValueSet


RESOURCE = ""
"""The part that stands for the resource; every other part is a condition key in lower case."""


class Test(Protocol):
    """A test of one part of a request."""

    @property
    def part(self) -> str:
        """The part that it is about."""

    def __hash__(self) -> int:
        """Tests that mean the same are equal."""


@dataclass(frozen=True, slots=True)
class KeyTest:
    """One condition, in a normal form: conditions that mean the same are equal.

    `values` is None where the answer cannot be computed: for an unknown operator, or a value that the
    operator cannot read. Such a test is treated as an uninterpreted predicate: it has one answer per request,
    and only its own opposite contradicts it; `uninterpreted` identifies it. `absent` is the answer for an
    absent key, None where that is uninterpreted too. A `Null` test has no values and answers by presence
    alone.
    """

    part: str
    absent: bool | None
    quantifier: SetOperator | None = None
    negated: bool = False
    values: ValueSet | None = None
    present: bool | None = None
    uninterpreted: Hashable = None


@dataclass(frozen=True, slots=True)
class ResourceTest:
    """The patterns of `Resource`, or (negated) of `NotResource`."""

    texts: frozenset[Language]
    negated: bool
    part: str = RESOURCE


AnyTest = TypeVar("AnyTest", bound=Test)


@dataclass(frozen=True, slots=True, eq=False)
class Constraint(Generic[AnyTest]):
    """A test that must hold (`holds`) or fail.

    Compared by identity: `constraint` returns the same object again.
    """

    test: AnyTest
    holds: bool
    part: str
    opposites: list[Constraint[AnyTest]] = field(default_factory=list, repr=False)

    @property
    def opposite(self) -> Constraint[AnyTest]:
        """The same test with the opposite outcome."""
        return self.opposites[0]


def constraint(test: AnyTest) -> Constraint[AnyTest]:
    """Return the constraint that a test holds."""
    return _constraint(test)


@memoized
def _constraint(test: Any) -> Constraint[Any]:
    # Interned pairs: comparing and hashing constraints by identity is what makes large policies fast.
    holding = Constraint(test, holds=True, part=test.part)
    failing = Constraint(test, holds=False, part=test.part)
    holding.opposites.append(failing)
    failing.opposites.append(holding)
    return holding


def is_uninterpreted(test: Test) -> bool:
    """Return whether the answer of a test cannot be computed for any request."""
    return isinstance(test, KeyTest) and test.values is None and test.present is None


KeyConstraints = frozenset[Constraint[KeyTest]]
ResourceConstraints = frozenset[Constraint[ResourceTest]]
Box = frozenset[Constraint[Any]]
"""The requests that satisfy all these constraints; the empty box contains every request."""
Parts = dict[str, frozenset[Constraint[Any]]]
"""The constraints of a box by the part of the request that they are about."""


def by_part(box: Box) -> Parts:
    """Group constraints by part, in a fixed order, so that a comparison always finds the same witness."""
    found: dict[str, set[Constraint[Any]]] = {}
    for each in box:
        found.setdefault(each.part, set()).add(each)
    return {part: frozenset(found[part]) for part in sorted(found)}


@memoized
def in_order(box: Box) -> tuple[Constraint[Any], ...]:
    """Return constraints in a fixed order, independent of the iteration order of sets."""
    return tuple(box) if len(box) < 2 else tuple(sorted(box, key=_place))  # noqa: PLR2004 - one alone is in order


def _place(each: Constraint[Any]) -> tuple[Any, ...]:
    test = each.test
    if isinstance(test, KeyTest):
        values = test.values
        about = repr((test.absent, test.quantifier, test.negated, test.present, test.uninterpreted))
        numbers, texts = (repr(values.numbers), values.texts) if values else ("", ())
        return each.part, each.holds, about, numbers, sorted(map(_spelled, texts))
    return each.part, each.holds, str(test.negated), "", sorted(map(_spelled, test.texts))


def _spelled(each: Language) -> list[str]:
    return [str(token) for token in each.tokens]


def all_of(parts: Parts) -> Iterator[Constraint[Any]]:
    """Return all constraints of all parts."""
    for constraints in parts.values():
        yield from constraints


def languages_of(constraint: Constraint[AnyTest]) -> frozenset[Language]:
    """Return the patterns that a constraint compares with, whatever its outcome."""
    test = constraint.test
    if isinstance(test, KeyTest):
        return test.values.texts if test.values is not None else frozenset()
    return test.texts  # type: ignore[attr-defined, no-any-return]


def condition_keys(boxes: Iterable[Box]) -> frozenset[str]:
    """Return the condition keys and the keys of variables, in lower case."""
    constraints = {each for box in boxes for each in box}
    keys = {each.part for each in constraints if each.part != RESOURCE}
    for each in constraints:
        for one in languages_of(each):
            keys.update(variable.key for variable in one.variables)
    return frozenset(keys)


def spellings(documents: Iterable[Document]) -> dict[str, str]:
    """Return the condition keys in lower case, with their spelling in the documents."""
    found: dict[str, str] = {}
    for document in documents:
        for statement in document.statements:
            for condition in statement.condition_tests:
                found.setdefault(condition.lowered_key, condition.key)
    return found
