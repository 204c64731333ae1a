"""Patterns as automata whose states are the bits of one integer.

A step costs a few integer operations, however many ways a text may match.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import ANY
from keywright.policy.matching.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.policy.matching.variables import Token

SEPARATOR = ":"
WITHOUT_COLON = frozenset(
    {
        "aws:principalaccount",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:sourceaccount",
        "aws:username",
    }
)
"""Keys whose values AWS makes, and never with a colon."""


def may_hold_colon(variable: Variable) -> bool:
    """Tell whether a variable's value, or what stands for it where it has none, may separate fields."""
    return variable.key not in WITHOUT_COLON or SEPARATOR in (variable.default or "")


KELVIN = "\u212a"
"""The one character outside of ASCII whose lower case is within."""


LONGEST_PATTERN = 16_384
"""Characters of a pattern; AWS's own longest ARN has 2,048."""


class PatternsTooComplexError(Exception):
    """The patterns overlap in too many ways to tell within the budget."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """State *i*, bit *i*, means that the first *i* single-character tokens are matched.

    Masks hold a bit for every state: in `singles` those that go on by that character, in `ones` by any, in
    `field_ones` by any but a colon; `runs` and `field_runs` hold those that stay; `variables` those that go on by a
    variable. `end` is the state in which a text belongs.
    """

    singles: Mapping[str, int]
    ones: int
    field_ones: int
    runs: int
    field_runs: int
    variables: Mapping[Variable, int]
    end: int

    def step(self, states: int, character: str) -> int:
        """Give the states after one more character."""
        going, staying = self.singles.get(character, 0) | self.ones, self.runs
        if character != SEPARATOR:
            going |= self.field_ones
            staying |= self.field_runs
        return ((states & going) << 1) | (states & staying)

    def step_variable(self, states: int, variable: Variable) -> int:
        """Give the states after a variable that is matched whatever its value: by itself or by a `*`.

        A `*` that stays within its field takes only what never holds a colon.
        """
        staying = self.runs if may_hold_colon(variable) else self.runs | self.field_runs
        return self.step_same_variable(states, variable) | (states & staying)

    def step_same_variable(self, states: int, variable: Variable) -> int:
        """Give the states after a variable where the pattern spells it."""
        return (states & self.variables.get(variable, 0)) << 1

    def step_any_text(self, states: int) -> int:
        """Give the states that some text or other leads to: never too few."""
        return ((self.end << 1) - 1) & ~((states & -states) - 1) if states else 0

    def accepts_all_from(self, states: int) -> bool:
        """Tell whether whatever follows belongs."""
        return bool(states & self.end & self.runs)

    def accepts(self, text: str) -> bool:
        """Tell whether a text belongs."""
        states = 1
        for character in text:
            states = self.step(states, character)
            if not states:
                return False
        return bool(states & self.end)

    def characters(self, states: int) -> set[str]:
        """Give the characters that the states tell apart from others."""
        return {character for character, mask in self.singles.items() if mask & states}

    def has_wildcard_step(self, states: int) -> bool:
        """Tell whether some state goes on by characters that are not spelled out."""
        return bool(states & (self.ones | self.field_ones | self.runs | self.field_runs))

    @property
    def has_field_wildcards(self) -> bool:
        """Whether the colon is a character of its own."""
        return bool(self.field_ones | self.field_runs)


def automaton(tokens: tuple[Token, ...], leading: int, *, any_case: bool) -> Automaton:
    """Make the automaton of a pattern in which wildcards stay within so many leading fields.

    Raises:
        TooManyTextsError: The pattern is longer than any honest one.
    """
    if sum(len(token) if isinstance(token, str) else 1 for token in tokens) > LONGEST_PATTERN:
        raise PatternsTooComplexError
    maker = _Maker(leading, any_case=any_case)
    for token in tokens:
        maker.take(token)
    return maker.made()


class _Maker:
    """Collects the masks token by token."""

    def __init__(self, leading: int, *, any_case: bool) -> None:
        self.leading, self.any_case = leading, any_case
        self.bit = 1
        self.colons = 0
        self.singles: dict[str, int] = {}
        self.variables: dict[Variable, int] = {}
        self.ones = self.field_ones = self.runs = self.field_runs = 0

    def take(self, token: Token) -> None:
        if isinstance(token, str):
            self._literal(token)
        elif token is ANY:
            if self.colons < self.leading:
                self.field_runs |= self.bit
            else:
                self.runs |= self.bit
        else:
            self._one(token)
            self.bit <<= 1

    def _one(self, token: Token) -> None:
        if isinstance(token, Variable):
            self.variables[token] = self.variables.get(token, 0) | self.bit
        elif self.colons < self.leading:
            self.field_ones |= self.bit
        else:
            self.ones |= self.bit

    def _literal(self, text: str) -> None:
        for character in text:
            for alike in case_variants(character) if self.any_case else character:
                self.singles[alike] = self.singles.get(alike, 0) | self.bit
            self.bit <<= 1
        self.colons += text.count(SEPARATOR)

    def made(self) -> Automaton:
        return Automaton(
            self.singles, self.ones, self.field_ones, self.runs, self.field_runs, self.variables, self.bit
        )


@lru_cache(maxsize=4096)
def case_variants(character: str) -> frozenset[str]:
    """Give all characters that are this one in lower case."""
    lowered = character.lower()
    if lowered.isascii():
        return frozenset({lowered, lowered.upper()} | ({KELVIN} if lowered == "k" else set()))
    return frozenset({lowered, *_upper_of().get(lowered, ())})


@lru_cache(maxsize=1)
def _upper_of() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for character in map(chr, range(0x80, 0x1_1000)):
        if character.lower() != character:
            found.setdefault(character.lower(), []).append(character)
    return found
