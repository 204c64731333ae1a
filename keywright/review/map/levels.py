"""The access levels that a statement allows on a resource, after Deny statements and the permissions boundary.

Never less than the policies allow. A level is `SURE` if a statement allows it without conditions, `LIMITED` if conditions
apply or only a part of the resource is meant, and `UNSURE` if it is known only at deployment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import service_of
from keywright.policy.reference import catalogue
from keywright.policy.statement import Effect
from keywright.review.map.columns import EVERYTHING, covers, is_pattern, overlaps
from keywright.review.result import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.reference.catalogue import Action
    from keywright.policy.statement import Statement
    from keywright.review.map.columns import Column, Columns, Kinds

MAP_LEVELS = tuple(reversed(LEVELS))
"""The levels in the order of the map's letters: list, read, tagging, write, permissions management."""
_MOST_ACTIONS = 20_000


class Certainty(IntEnum):
    """How certain a level is; the highest one counts."""

    NONE = 0
    UNSURE = 1
    LIMITED = 2
    SURE = 3


Levels = tuple[Certainty, Certainty, Certainty, Certainty, Certainty]
NOTHING: Levels = (Certainty.NONE,) * 5


class Relation(IntEnum):
    """How a statement's resources relate to a column."""

    APART = 0
    MEETS = 1
    COVERS = 2


Relations = tuple[Relation, ...]


@dataclass(frozen=True, eq=False)
class Limits:
    """The limits of a principal: Deny statements and the boundary's statements; `is_unsure` if one is unknown."""

    denials: tuple[Statement, ...] = ()
    boundary: tuple[Statement, ...] | None = None
    is_unsure: bool = False
    _relations: dict[str, Relations] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _all(self) -> tuple[Statement, ...]:
        """All statements, Deny statements first."""
        return (*self.denials, *(self.boundary or ()))

    def to(self, text: str) -> Relations:
        """Give the relation of each statement to a column."""
        if text not in self._relations:
            self._relations[text] = tuple(relation(each, text) for each in self._all)
        return self._relations[text]

    def certainty(self, action: str, relations: Relations) -> Certainty:
        """Give the certainty of an allowed action (in lower case) after these limits."""
        concerned = [
            (statement, how)
            for statement, how in zip(self._all, relations, strict=True)
            if how is not Relation.APART and statement.covers_action(action)
        ]
        least = Certainty.UNSURE if self.is_unsure else Certainty.SURE
        denied = min(
            (_after_denial(*each) for each in concerned if each[0].effect is Effect.DENY),
            default=Certainty.SURE,
        )
        if self.boundary is None:
            return min(least, denied)
        let = (_within_boundary(*each) for each in concerned if each[0].effect is Effect.ALLOW)
        return min(least, denied, max(let, default=Certainty.NONE))


def _after_denial(denial: Statement, how: Relation) -> Certainty:
    # A Deny with conditions, or on a part of the column, leaves some access, and the map never shows less
    # than there is.
    return Certainty.LIMITED if denial.conditions or how is not Relation.COVERS else Certainty.NONE


def _within_boundary(boundary: Statement, how: Relation) -> Certainty:
    return Certainty.LIMITED if boundary.conditions or how is not Relation.COVERS else Certainty.SURE


def relation(statement: Statement, text: str) -> Relation:
    """Give the relation of a statement's resources to a column; without resources, it is about its own resource."""
    if statement.not_resources:
        if any(covers(each, text) for each in statement.not_resources):
            return Relation.APART
        is_clear = not any(overlaps(each, text) for each in statement.not_resources)
        return Relation.COVERS if is_clear else Relation.MEETS
    if not statement.resources or any(covers(each, text) for each in statement.resources):
        return Relation.COVERS
    return Relation.MEETS if any(overlaps(each, text) for each in statement.resources) else Relation.APART


class LevelFinder:
    """Finds the access levels of statements on columns; cached."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._known: dict[tuple[object, ...], Levels] = {}
        self._names: dict[tuple[int, Kinds], tuple[Named, ...]] = {}

    def levels(self, statement: Statement, column: Column, limits: Limits) -> Levels:
        """Give the levels that an Allow statement has on a column, by the actions that apply to the column."""
        names = self._covered(statement, self.columns.kinds(column))
        if not names:
            return NOTHING
        relations = limits.to(column.text)
        # Many columns of one type have the same relations, so the levels are computed once for all of them.
        key = (id(names), id(limits), relations)
        if key not in self._known:
            self._known[key] = _levels(names, statement, limits, relations)
        return self._known[key]

    def within(self, statement: Statement) -> Iterator[int]:
        """Yield the numbers of the columns within the resource patterns of a statement."""
        for text in statement.resources:
            if text == EVERYTHING:
                for kinds, numbers in self.columns.by_kinds.items():
                    yield from numbers if self._covered(statement, kinds) else ()
            elif is_pattern(text):
                yield from self.columns.within(text)

    def _covered(self, statement: Statement, kinds: Kinds) -> tuple[Named, ...]:
        key = (id(statement), kinds)
        if key not in self._names:
            names = (_named(each) for each in kinds.actions)
            self._names[key] = tuple(each for each in names if statement.covers_action(each[0]))
        return self._names[key]

    def unmatched_actions(self, statement: Statement, own: Iterable[Column]) -> tuple[str, ...]:
        """Give the actions of a statement that apply to none of its resources; they count for each resource.

        The catalogue may not know which resources an action applies to.
        """
        fitting = [self.columns.kinds(column).names for column in own]
        found: list[str] = []
        for text in statement.actions:
            names = tuple(islice(_names(text), _MOST_ACTIONS)) if text != EVERYTHING else ()
            if not any(name.lower() in each for name in names for each in fitting):
                found += names
        return tuple(found)

    def levels_of_unmatched(
        self, names: tuple[str, ...], statement: Statement, text: str, limits: Limits
    ) -> Levels:
        """Give the levels of such actions on a column."""
        known = (_known(name) for name in names)
        return _levels(known, statement, limits, limits.to(text))


Named = tuple[str, frozenset[str]]
"""An action in lower case, and its levels."""


def _named(action: Action) -> Named:
    return str(action).lower(), action.levels


def _known(name: str) -> Named:
    action = catalogue.action(name)
    # An action that the catalogue does not list must not look harmless.
    return name.lower(), action.levels if action else frozenset({"write"})


def _names(text: str) -> Iterator[str]:
    """Yield the actions of a pattern; a pattern without known actions is yielded itself."""
    if not set("*?") & set(text):
        yield text
        return
    known = [str(each) for each in catalogue.matching_actions(text)]
    yield from known or [text]


def _levels(names: Iterable[Named], statement: Statement, limits: Limits, relations: Relations) -> Levels:
    most = Certainty.LIMITED if statement.conditions else Certainty.SURE
    found = dict.fromkeys(MAP_LEVELS, Certainty.NONE)
    for name, levels in names:
        # An action whose levels are all at the highest certainty cannot change the result.
        open_levels = [level for level in levels if found.get(level, most) < most]
        certainty = min(most, limits.certainty(name, relations)) if open_levels else most
        found |= {level: max(found[level], certainty) for level in open_levels}
    one, two, three, four, five = found.values()
    return one, two, three, four, five


def merge_levels(one: Levels, other: Levels) -> Levels:
    """Give the higher certainty of each level."""
    first, second, third, fourth, fifth = map(max, one, other)
    return first, second, third, fourth, fifth


def cap_levels(levels: Levels, most: Certainty) -> Levels:
    """Limit the certainty of each level."""
    first, second, third, fourth, fifth = (min(each, most) for each in levels)
    return first, second, third, fourth, fifth


def services_in(statements: Iterable[Statement]) -> frozenset[str]:
    """Give the services in the actions of statements."""
    named = (service_of(text) for each in statements for text in (*each.actions, *each.not_actions))
    return frozenset(each for each in named if each and not set("*?") & set(each))
