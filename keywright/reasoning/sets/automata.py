"""Patterns as nondeterministic automata, simulated with bit masks.

One integer holds the set of current states.

This is the Shift-And algorithm (Baeza-Yates and Gonnet), extended by wildcards: a step costs a few integer
operations, however many ways a text may match.
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
"""Keys whose values AWS generates, and that never contain a colon."""


def may_hold_colon(variable: Variable) -> bool:
    """Return whether the value of a variable, or its default, may contain a colon and so separate fields."""
    return variable.key not in WITHOUT_COLON or SEPARATOR in (variable.default or "")


KELVIN = "\u212a"
"""The only character outside ASCII whose lower case is in ASCII."""


LONGEST_PATTERN = 16_384
"""Characters of a pattern; the longest ARN that AWS has is 2,048 characters long."""


class PatternsTooComplexError(Exception):
    """The patterns overlap in too many ways to decide within the budget."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """State *i*, bit *i*, means that the first *i* single-character tokens are matched.

    Each mask has a bit per state: `singles` for those that advance on a character, `ones` on any character,
    `field_ones` on any but a colon; `runs` and `field_runs` for those that stay (`*`); `variables` for those
    that advance on a variable. `end` is the accepting state.
    """

    singles: Mapping[str, int]
    ones: int
    field_ones: int
    runs: int
    field_runs: int
    variables: Mapping[Variable, int]
    end: int

    def step(self, states: int, character: str) -> int:
        """Return the states after one more character."""
        # Advance the states that match the character by one bit; those at a `*` stay as well.
        going, staying = self.singles.get(character, 0) | self.ones, self.runs
        if character != SEPARATOR:
            going |= self.field_ones
            staying |= self.field_runs
        return ((states & going) << 1) | (states & staying)

    def step_variable(self, states: int, variable: Variable) -> int:
        """Return the states after a variable, matched whatever its value: by itself or by a `*`.

        A `*` that stays within its field matches only variables that never contain a colon.
        """
        staying = self.runs if may_hold_colon(variable) else self.runs | self.field_runs
        return self.step_same_variable(states, variable) | (states & staying)

    def step_same_variable(self, states: int, variable: Variable) -> int:
        """Return the states after a variable that the pattern contains itself."""
        return (states & self.variables.get(variable, 0)) << 1

    def step_any_text(self, states: int) -> int:
        """Return all states that some text can lead to; an over-approximation."""
        # `states & -states` is the lowest current state; any text leads to it or to a later one.
        return ((self.end << 1) - 1) & ~((states & -states) - 1) if states else 0

    def accepts_all_from(self, states: int) -> bool:
        """Return whether every continuation is accepted."""
        return bool(states & self.end & self.runs)

    def accepts(self, text: str) -> bool:
        """Return whether the automaton accepts a text."""
        states = 1
        for character in text:
            states = self.step(states, character)
            if not states:
                return False
        return bool(states & self.end)

    def characters(self, states: int) -> set[str]:
        """Return the characters that the states treat differently from others."""
        return {character for character, mask in self.singles.items() if mask & states}

    def has_wildcard_step(self, states: int) -> bool:
        """Return whether some state advances on characters that the pattern does not contain."""
        return bool(states & (self.ones | self.field_ones | self.runs | self.field_runs))

    @property
    def has_field_wildcards(self) -> bool:
        """Whether the colon must be treated as a character of its own."""
        return bool(self.field_ones | self.field_runs)


def automaton(tokens: tuple[Token, ...], leading: int, *, any_case: bool) -> Automaton:
    """Build the automaton of a pattern whose wildcards stay within their field in the leading fields."""
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
    """Return all characters whose lower case is this one."""
    lowered = character.lower()
    # Only the Kelvin sign needs special care, so that the table of upper-case letters is rarely built.
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
