"""Equivalence classes of actions: those that no statement of a comparison distinguishes.

Every text `service:name` counts as an action, in the catalogue or not. A set of elements is a bit mask in one
integer, so that the thousands of actions in large policies cost little more than the statements that name
them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import action_pattern
from keywright.reasoning.sets.emptiness import find_word, is_disjoint, is_subset
from keywright.reasoning.sets.languages import EVERYTHING, Language, language
from keywright.reasoning.sets.memo import memoized

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.reasoning.sets.emptiness import Union, Word

MOST_CLASSES = 2_000
"""How many classes one comparison may distinguish."""


MOST_COMPARISONS = 200_000
"""How many comparisons of action patterns one policy comparison may make."""


class TooManyActionsError(Exception):
    """The action patterns overlap in too many ways to decide within the budget."""


@dataclass(slots=True)
class _Budget:
    left: int = MOST_COMPARISONS

    def spend(self, comparisons: int) -> None:
        self.left -= comparisons
        if self.left < 0:
            raise TooManyActionsError


@memoized
def action_language(text: str) -> Language:
    """Return the language of an action pattern, in lower case."""
    return language(action_pattern(text).glob.parts)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Actions that match a pattern of each union in `inside` and none in `outside`."""

    inside: tuple[Union, ...]
    outside: Union = frozenset()


@dataclass(slots=True)
class ActionClass:
    """Actions with the same membership. It may be empty: overlaps are not proved to contain an action."""

    literals: list[str] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)


@dataclass
class _Table:
    """Patterns with the elements that contain them.

    Literals, patterns of one service, patterns of any service.
    """

    literals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_service: dict[str, dict[Language, int]] = field(default_factory=lambda: defaultdict(dict))
    general: dict[Language, int] = field(default_factory=dict)

    def add(self, patterns: Iterable[str], bit: int) -> None:
        literals = self.literals
        for pattern in patterns:
            if "*" in pattern or "?" in pattern:
                self._add(pattern, bit)
            else:
                literals[pattern] |= bit

    def _add(self, pattern: str, bit: int) -> None:
        each = action_language(pattern)
        service, colon, _ = each.head.partition(":")
        patterns = self.by_service[service] if colon else self.general
        patterns[each] = patterns.get(each, 0) | bit

    def membership(self, lowered: str) -> int:
        found = self.literals.get(lowered, 0)
        service = lowered.partition(":")[0]
        for patterns in (self.general, self.by_service.get(service, {})):
            for each, bits in patterns.items():
                if found | bits != found and each.contains(lowered):
                    found |= bits
        return found


@dataclass
class Actions:
    """Numbered elements (`Action` or `NotAction` as pattern sets), and the classes that they distinguish."""

    _elements: dict[frozenset[str], int] = field(default_factory=dict)
    _by_spelling: dict[tuple[str, ...], int] = field(default_factory=dict)
    _spelled: dict[str, str] = field(default_factory=dict)
    _table: _Table = field(default_factory=_Table)

    def number(self, patterns: tuple[str, ...]) -> int:
        """Return the number of an element; case and order of its patterns do not matter."""
        known = self._by_spelling.get(patterns)
        if known is None:
            known = self._by_spelling[patterns] = self._numbered(patterns)
        return known

    def _numbered(self, patterns: tuple[str, ...]) -> int:
        lowered = {pattern.lower(): pattern for pattern in patterns}
        element = frozenset(lowered)
        if element not in self._elements:
            self._elements[element] = len(self._elements)
            self._spelled.update(lowered)
            self._table.add(lowered, 1 << self._elements[element])
        return self._elements[element]

    def classes(self) -> dict[int, ActionClass]:
        """Return the classes by membership: bit *n* is set if the actions match a pattern of element *n*.

        This is the coarsest partition of all actions that respects every element.
        """
        table, budget = self._table, _Budget()
        found: dict[int, ActionClass] = defaultdict(ActionClass)
        general, spelled = len(table.general), self._spelled
        for literal, own in table.literals.items():
            others = general + len(table.by_service.get(literal.partition(":")[0], ()))
            if others:
                budget.spend(others)
                found[table.membership(literal)].literals.append(spelled[literal])
            else:
                found[own].literals.append(spelled[literal])
        for overlap, membership in _overlaps(table, budget):
            found[membership].overlaps.append(overlap)
        return found

    @property
    def literals(self) -> Iterable[str]:
        """The actions that elements name without wildcards, in lower case."""
        return self._table.literals

    def membership(self, action: str) -> int:
        """Return the membership of one action, in any case."""
        return self._table.membership(action.lower())


def _overlaps(table: _Table, budget: _Budget) -> list[tuple[Overlap, int]]:
    """Return how patterns overlap, service by service, and for all services that no pattern names."""
    services = {service: language((f"{service}:", *EVERYTHING.tokens)) for service in table.by_service}
    found = _split(Overlap((frozenset({EVERYTHING}),), frozenset(services.values())), table.general, budget)
    # Patterns of different services never overlap, so the product of all patterns is not needed.
    for service, patterns in table.by_service.items():
        found += _split(Overlap((frozenset({services[service]}),)), table.general | patterns, budget)
    if len(found) > MOST_CLASSES:
        raise TooManyActionsError
    return found


def _split(whole: Overlap, patterns: dict[Language, int], budget: _Budget) -> list[tuple[Overlap, int]]:
    """Split actions by patterns; patterns of the same elements are not distinguished."""
    unions: dict[int, set[Language]] = defaultdict(set)
    for each, bits in patterns.items():
        unions[bits].add(each)
    found = [(whole, 0)]
    for bits, union in sorted(unions.items(), key=lambda item: min(len(each.head) for each in item[1])):
        budget.spend(len(found) * len(union))
        found = [part for overlap in found for part in _parts(overlap, frozenset(union), bits)]
        if len(found) > MOST_CLASSES:
            raise TooManyActionsError
    return found


def _parts(found: tuple[Overlap, int], union: Union, bits: int) -> list[tuple[Overlap, int]]:
    """Split an overlap by one more union of patterns."""
    overlap, membership = found
    # The whole overlap matches: no split.
    if any(_is_subset(inside, union) for inside in overlap.inside):
        return [(overlap, membership | bits)]
    meeting = frozenset(
        each for each in union if all(not _is_disjoint(each, inside) for inside in overlap.inside)
    )
    if not meeting:
        return [found]
    without = (Overlap(overlap.inside, overlap.outside | meeting), membership)
    if _is_subset(meeting, overlap.outside):
        return [without]
    # Drop the unions that the new one implies, so that overlaps stay small.
    kept = tuple(inside for inside in overlap.inside if not _is_subset(meeting, inside))
    return [(Overlap((*kept, meeting), overlap.outside), membership | bits), without]


def _is_subset(union: Union, other: Union) -> bool:
    return all(any(is_subset(one, each) for each in other) for one in union)


def _is_disjoint(each: Language, union: Union) -> bool:
    return all(is_disjoint(each, one) for one in union)


def find_action(overlap: Overlap, literals: Iterable[str]) -> Word | None:
    """Return an action of an overlap other than the literals; None is a proof that there is none."""
    shape = frozenset({language((*EVERYTHING.tokens, ":", *EVERYTHING.tokens))})
    excluded = {*overlap.outside, *(language((literal,)) for literal in literals if literal)}
    return find_word([shape, *overlap.inside], excluded)
