"""Breadth-first search through a product of automata: what text do some match and others not."""

from __future__ import annotations

from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.policy.matching.variables import Variable
from keywright.reasoning.sets.automata import PatternsTooComplexError
from keywright.reasoning.sets.languages import SEPARATOR, Language, over_approximation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["BUDGET", "Budget", "PatternsTooComplexError", "ProductSearch", "Symbol", "Union", "Word"]

Union = frozenset[Language]
Symbol = str | Variable
Word = tuple[Symbol, ...]
State = tuple[int, ...]

MOST_STEPS = 60_000
"""How many automaton steps one search may take."""
MOST_STEPS_IN_ALL = 600_000
"""How many steps all searches of one comparison may take."""

MOST_PATTERNS = 6_000
"""How many patterns one search may have; with more the budget would not allow ten steps."""
_BITS_A_STEP = 512
"""States of one automaton that cost as much as one more automaton."""
_PLAIN = "xyzabcdefghijklmnopqrstuvw0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass
class Budget:
    """The remaining steps, shared by all searches of a comparison."""

    left: int = MOST_STEPS_IN_ALL

    def spend(self, steps: int) -> None:
        """Subtract steps."""
        self.left -= steps
        if self.left < 0:
            raise PatternsTooComplexError


BUDGET: ContextVar[Budget] = ContextVar("BUDGET")
"""The budget of the current comparison; without it each search has only its own limit."""


_DONE = -1
"""Replaces the states of a requirement that every longer text satisfies."""


@dataclass
class ProductSearch:
    """The product construction, built lazily.

    Texts of the generator, each requirement and exclusion in lockstep.
    """

    generator: Language
    restrictions: tuple[Union, ...]
    excluded: Iterable[Language]
    parents: dict[State, tuple[State, Symbol] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        widened = [[over_approximation(each) for each in union] for union in self.restrictions]
        self.widened = [each for union in widened for each in union]
        self.spans: list[tuple[int, int]] = []
        at = 1
        for union in widened:
            self.spans.append((at, at + len(union)))
            at += len(union)
        self.first_excluded = at
        self.excluded = tuple(self.excluded)
        if at + len(self.excluded) > MOST_PATTERNS:
            raise PatternsTooComplexError
        self.members = [each.automaton for each in (self.generator, *self.widened, *self.excluded)]
        self.has_field_wildcards = any(each.has_field_wildcards for each in self.members)
        self.cost = sum(1 + each.end.bit_length() // _BITS_A_STEP for each in self.members)

    def shortest_word(self) -> Word | None:
        """Return the shortest text, None where there is none."""
        start = self._pruned([1] * len(self.members))
        if start is None:
            return None
        self.parents[start] = None
        budget, own = BUDGET.get(None), Budget(MOST_STEPS)
        queue = deque([start])
        while queue:
            state = queue.popleft()
            if self._is_accepted(state):
                return self._trace(state)
            for symbol in self._symbols(state):
                after = self._after(state, symbol)
                if after is not None and after not in self.parents:
                    self.parents[after] = (state, symbol)
                    queue.append(after)
            own.spend(self.cost)
            if budget is not None:
                budget.spend(self.cost)
        return None

    def _is_accepted(self, state: State) -> bool:
        if not state[0] & self.members[0].end:
            return False
        if any(state[at] & self.members[at].end for at in range(self.first_excluded, len(state))):
            return False
        return all(
            state[low] == _DONE or any(state[at] & self.members[at].end for at in range(low, high))
            for low, high in self.spans
        )

    def _symbols(self, state: State) -> Iterator[Symbol]:
        generator, states = self.members[0], state[0]
        for variable, mask in generator.variables.items():
            if mask & states:
                yield variable
        # Without a wildcard only the characters of the generator lead on.
        if not generator.has_wildcard_step(states):
            yield from sorted(generator.characters(states))
            return
        distinguished = generator.characters(states)
        for each, at in zip(self.members[1:], state[1:], strict=True):
            if at > 0:
                distinguished |= each.characters(at)
        # All characters that no pattern distinguishes behave alike here, so one representative is
        # enough.
        yield next(character for character in _fresh_characters() if character not in distinguished)
        if self.has_field_wildcards:
            distinguished.add(SEPARATOR)
        yield from sorted(distinguished)

    def _after(self, state: State, symbol: Symbol) -> State | None:
        found = [0] * len(state)
        for at, (each, states) in enumerate(zip(self.members, state, strict=True)):
            if states <= 0:
                found[at] = states
            elif isinstance(symbol, str):
                found[at] = each.step(states, symbol)
            elif at == 0:
                found[at] = each.step_same_variable(states, symbol)
            # Soundness: a requirement may match whatever value the variable has, an exclusion
            # only what it matches for every value.
            elif at < self.first_excluded:
                found[at] = each.step_any_text(states)
            else:
                found[at] = each.step_variable(states, symbol)
            if at == 0 and not found[0]:
                return None
        return self._pruned(found)

    def _pruned(self, found: list[int]) -> State | None:
        """Drop a state that leads to no text; replace satisfied requirements by `_DONE`."""
        # From here every continuation is excluded.
        for at in range(self.first_excluded, len(found)):
            if self.members[at].accepts_all_from(found[at]):
                return None
        for low, high in self.spans:
            span = range(low, high)
            if found[low] == _DONE or any(self.members[at].accepts_all_from(found[at]) for at in span):
                found[low:high] = [_DONE] + [0] * (high - low - 1)
            elif not any(found[low:high]):
                return None
        return tuple(found)

    def _trace(self, state: State) -> Word:
        variables: list[Symbol] = []
        parent = self.parents[state]
        while parent is not None:
            state, symbol = parent
            variables.append(symbol)
            parent = self.parents[state]
        return tuple(reversed(variables))


def _fresh_characters() -> Iterator[str]:
    yield from _PLAIN
    yield from map(chr, range(0x4E00, 0x9FFF))
