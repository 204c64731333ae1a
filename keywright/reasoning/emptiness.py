"""Whether a text exists that some patterns match and others don't, and which: exact, within a budget of steps.

Variables are taken both ways. What must match is never judged too narrow, what must not match never too wide, so
that *no text exists* is right for every value of every variable; a text that is found may need other values.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.policy.variables import Variable
from keywright.reasoning.languages import (
    EVERYTHING,
    SEPARATOR,
    Language,
    is_open,
    knows_fields,
    loosened,
    symbols,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Union = frozenset[Language]
Symbol = str | Variable
Word = tuple[Symbol, ...]
State = tuple[int, ...]

STEPS = 20_000
"""How many automaton states one question may visit."""

_PLAIN = "xyzabcdefghijklmnopqrstuvw0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class TooManyTextsError(Exception):
    """The patterns overlap in too many ways to tell within the budget."""


@lru_cache(maxsize=65_536)
def within(inner: Language, outer: Language) -> bool:
    """Tell whether every text of one pattern belongs to the other, whatever the variables' values.

    Raises:
        TooManyTextsError: The two overlap in too many ways.
    """
    if inner is outer or outer.is_everything:
        return True
    if inner.is_shifting or outer.is_shifting:
        return False
    if inner.literal is not None:
        return outer.contains(inner.literal)
    if outer.literal is not None or not _may_meet(inner, outer):
        return False
    if outer.runs == outer.end and not outer.letters and _is_prefix(outer):
        return inner.head.startswith(outer.head)
    return _Walk(inner, (), (outer,)).word() is None


@lru_cache(maxsize=65_536)
def apart(one: Language, other: Language) -> bool:
    """Tell whether no text belongs to both, whatever the variables' values.

    Raises:
        TooManyTextsError: The two overlap in too many ways.
    """
    if one is other or one.is_everything or other.is_everything:
        return False
    if not _may_meet(one, other):
        return True
    if one.literal is not None:
        return not loosened(other).contains(one.literal)
    if other.literal is not None:
        return not loosened(one).contains(other.literal)
    return _Walk(one, (frozenset({other}),), ()).word() is None


def _is_prefix(each: Language) -> bool:
    """Tell whether a pattern is literal text and then `*`."""
    return not (each.ones or each.field_ones or each.field_runs) and each.end == 1 << len(each.head)


def _may_meet(one: Language, other: Language) -> bool:
    """Tell whether the literal beginnings and ends of two patterns fit together."""
    if not (one.head.startswith(other.head) or other.head.startswith(one.head)):
        return False
    return one.tail.endswith(other.tail) or other.tail.endswith(one.tail)


def find_word(required: Sequence[Union], excluded: Iterable[Language]) -> Word | None:
    """Give a text that matches one pattern of each union in `required` and none in `excluded`.

    With nothing required every text is asked about. None is a proof; a word may hold variables.

    Raises:
        TooManyTextsError: The patterns overlap in too many ways.
    """
    excluded = frozenset(excluded)
    if not required:
        return _word_of(EVERYTHING, [], excluded)
    generators = min(required, key=_cost)
    others = [union for union in required if union is not generators]
    for generator in sorted(generators, key=_plainness):
        word = _word_of(generator, others, excluded)
        if word is not None:
            return word
    return None


def _cost(union: Union) -> tuple[bool, int]:
    return any(each.literal is None for each in union), len(union)


def _plainness(each: Language) -> tuple[bool, int, str]:
    return bool(each.letters), each.end.bit_length(), each.head


def _word_of(generator: Language, others: list[Union], excluded: Union) -> Word | None:
    if generator in excluded:
        return None
    if generator.literal is not None:
        return _literal_word(generator.literal, others, excluded)
    if generator.is_shifting:
        generator = loosened(generator)
    near = [each for each in excluded if not each.is_shifting and not apart(generator, each)]
    if any(within(generator, each) for each in near):
        return None
    narrowing: list[Union] = []
    for union in others:
        meeting = frozenset(each for each in union if not apart(generator, each))
        if not meeting:
            return None
        if not any(within(generator, each) for each in meeting):
            narrowing.append(meeting)
    return _Walk(generator, tuple(narrowing), tuple(near)).word()


def _literal_word(text: str, others: list[Union], excluded: Union) -> Word | None:
    if any(each.contains(text) for each in excluded):
        return None
    if all(any(loosened(each).contains(text) for each in union) for union in others):
        return tuple(text)
    return None


_DONE = -1
"""Stands in place of the states of a requirement that every longer text meets."""


@dataclass
class _Walk:
    """A breadth-first walk of the product: the generator's texts, each taken as it is spelled."""

    generator: Language
    narrowing: tuple[Union, ...]
    excluded: tuple[Language, ...]
    parents: dict[State, tuple[State, Symbol] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        loose = [[loosened(each) for each in union] for union in self.narrowing]
        self.loose = [each for union in loose for each in union]
        self.spans: list[tuple[int, int]] = []
        at = 1
        for union in loose:
            self.spans.append((at, at + len(union)))
            at += len(union)
        self.first_excluded = at
        self.members = (self.generator, *self.loose, *self.excluded)
        self.knows_fields = any(map(knows_fields, self.members))

    def word(self) -> Word | None:
        """Give the shortest text, None when there is none."""
        start = self._settled([1] * len(self.members))
        if start is None:
            return None
        self.parents[start] = None
        queue = deque([start])
        while queue:
            state = queue.popleft()
            if self._is_accepted(state):
                return self._spelled(state)
            for symbol in self._symbols(state):
                after = self._after(state, symbol)
                if after is not None and after not in self.parents:
                    self.parents[after] = (state, symbol)
                    queue.append(after)
            if len(self.parents) > STEPS:
                raise TooManyTextsError
        return None

    def _is_accepted(self, state: State) -> bool:
        if not self.generator.accepts(state[0]):
            return False
        if any(
            each.accepts(states)
            for each, states in zip(self.excluded, state[self.first_excluded :], strict=True)
        ):
            return False
        return all(
            state[low] == _DONE or any(self.members[at].accepts(state[at]) for at in range(low, high))
            for low, high in self.spans
        )

    def _symbols(self, state: State) -> Iterator[Symbol]:
        generator, states = self.generator, state[0]
        for variable, mask in generator.letters.items():
            if mask & states:
                yield variable
        if not is_open(generator, states):
            yield from sorted(symbols(generator, states))
            return
        told_apart = symbols(generator, states)
        for each, at in zip(self.members[1:], state[1:], strict=True):
            if at > 0:
                told_apart |= symbols(each, at)
        yield next(character for character in _fresh() if character not in told_apart)
        if self.knows_fields:
            told_apart.add(SEPARATOR)
        yield from sorted(told_apart)

    def _after(self, state: State, symbol: Symbol) -> State | None:
        found = [0] * len(state)
        for at, (each, states) in enumerate(zip(self.members, state, strict=True)):
            if states <= 0:
                found[at] = states
            elif isinstance(symbol, str):
                found[at] = each.step(states, symbol)
            elif at == 0:
                found[at] = each.step_own_letter(states, symbol)
            elif at < self.first_excluded:
                found[at] = each.step_some_text(states)
            else:
                found[at] = each.step_letter(states, symbol)
            if at == 0 and not found[0]:
                return None
        return self._settled(found)

    def _settled(self, found: list[int]) -> State | None:
        """Drop a state from which no text can be found; write `_DONE` where nothing is left to ask."""
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

    def _spelled(self, state: State) -> Word:
        letters: list[Symbol] = []
        parent = self.parents[state]
        while parent is not None:
            state, symbol = parent
            letters.append(symbol)
            parent = self.parents[state]
        return tuple(reversed(letters))


def _fresh() -> Iterator[str]:
    yield from _PLAIN
    yield from map(chr, range(0x4E00, 0x9FFF))


def text_of(word: Word) -> str | None:
    """Join a word to a text; None when it holds a variable."""
    if any(isinstance(symbol, Variable) for symbol in word):
        return None
    return "".join(str(symbol) for symbol in word)
