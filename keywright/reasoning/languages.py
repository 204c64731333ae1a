"""Wildcard languages: the sets of texts that patterns match, walked one character at a time.

A pattern is held as an automaton whose states are the bits of one integer, so a step costs a few integer
operations however many ways a text may match. A policy variable is a letter of its own: it is neither a literal
nor a wildcard, and `*` takes it whole while `?` does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.policy.glob import ANY
from keywright.policy.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.policy.variables import Token

SEPARATOR = ":"
LEADING_FIELDS = 5
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


class Dialect(Enum):
    """How a pattern reads a text."""

    TEXT = "text"
    """Wildcards take any character."""
    ARN = "arn"
    """Wildcards in the five leading fields stay within their field."""
    ANY_CASE = "any case"
    """As text, but letters match in either case."""


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One pattern's texts. Compared by identity: `language` gives the same object for the same pattern.

    State *i* means that the first *i* single-character tokens are matched. Masks hold a bit for every state: in
    `singles` those that go on by that character, in `ones` by any, in `field_ones` by any but a colon; `runs` and
    `field_runs` hold those that stay; `letters` those that go on by a variable. `is_shifting` says that a variable
    in a leading field of an ARN may hold a colon, so that what its fields are depends on the request.
    """

    tokens: tuple[Token, ...]
    dialect: Dialect
    singles: Mapping[str, int]
    ones: int
    field_ones: int
    runs: int
    field_runs: int
    letters: Mapping[Variable, int]
    end: int
    head: str
    tail: str
    literal: str | None
    is_shifting: bool

    @property
    def is_everything(self) -> bool:
        """Whether every text belongs to it."""
        return self.tokens == (ANY,)

    def step(self, states: int, character: str) -> int:
        """Give the states after one more character."""
        going, staying = self.singles.get(character, 0) | self.ones, self.runs
        if character != SEPARATOR:
            going |= self.field_ones
            staying |= self.field_runs
        return ((states & going) << 1) | (states & staying)

    def step_letter(self, states: int, variable: Variable) -> int:
        """Give the states after a variable that is matched whatever its value: by itself or by a `*`."""
        return self.step_own_letter(states, variable) | (states & (self.runs | self.field_runs))

    def step_own_letter(self, states: int, variable: Variable) -> int:
        """Give the states after a variable where the pattern spells it."""
        return (states & self.letters.get(variable, 0)) << 1

    def step_some_text(self, states: int) -> int:
        """Give the states that some text or other leads to: never too few."""
        return ((self.end << 1) - 1) & ~((states & -states) - 1) if states else 0

    def accepts(self, states: int) -> bool:
        """Tell whether a text that ends here belongs."""
        return bool(states & self.end)

    def accepts_all_from(self, states: int) -> bool:
        """Tell whether every longer text belongs too."""
        return bool(states & self.end & self.runs)

    def contains(self, text: str) -> bool:
        """Tell whether a text belongs; a variable counts as matching nothing."""
        if self.literal is not None:
            return text == self.literal
        if not text.startswith(self.head) or not text.endswith(self.tail):
            return False
        states = 1
        for character in text:
            states = self.step(states, character)
            if not states:
                return False
        return self.accepts(states)


@lru_cache(maxsize=65_536)
def language(tokens: tuple[Token, ...], dialect: Dialect = Dialect.TEXT) -> Language:
    """Make the automaton of a pattern; the last field of an ARN pattern of fewer than six takes all that follows."""
    return _made(tokens, dialect, loose=False)


@lru_cache(maxsize=16_384)
def loosened(each: Language) -> Language:
    """Let every variable match any text: a superset of what the pattern matches, whatever the request."""
    return _made(each.tokens, each.dialect, loose=True) if each.letters else each


def _made(tokens: tuple[Token, ...], dialect: Dialect, *, loose: bool) -> Language:
    leading = min(_colons(tokens), LEADING_FIELDS) if dialect is Dialect.ARN else 0
    maker = _Maker(dialect, leading, loose=loose)
    for token in tokens:
        maker.take(token)
    return maker.made(tokens)


def _colons(tokens: tuple[Token, ...]) -> int:
    return sum(token.count(SEPARATOR) for token in tokens if isinstance(token, str))


class _Maker:
    """Collects the masks token by token."""

    def __init__(self, dialect: Dialect, leading: int, *, loose: bool) -> None:
        self.dialect = dialect
        self.leading = leading
        self.loose = loose
        self.size = 0
        self.colons = 0
        self.is_shifting = False
        self.singles: dict[str, int] = {}
        self.letters: dict[Variable, int] = {}
        self.ones = self.field_ones = self.runs = self.field_runs = 0

    def take(self, token: Token) -> None:
        if isinstance(token, str):
            for character in token:
                self._single(character)
            return
        bit = 1 << self.size
        in_field = self.colons < self.leading
        if token is ANY:
            if in_field:
                self.field_runs |= bit
            else:
                self.runs |= bit
            return
        if isinstance(token, Variable) and self.loose:
            self.runs |= bit
            return
        if isinstance(token, Variable):
            self.letters[token] = self.letters.get(token, 0) | bit
            self.is_shifting |= in_field and token.key not in WITHOUT_COLON
        elif in_field:
            self.field_ones |= bit
        else:
            self.ones |= bit
        self.size += 1

    def _single(self, character: str) -> None:
        bit = 1 << self.size
        for alike in cases(character) if self.dialect is Dialect.ANY_CASE else (character,):
            self.singles[alike] = self.singles.get(alike, 0) | bit
        self.colons += character == SEPARATOR
        self.size += 1

    def made(self, tokens: tuple[Token, ...]) -> Language:
        cased = self.dialect is not Dialect.ANY_CASE
        is_literal = cased and all(isinstance(token, str) for token in tokens)
        return Language(
            tokens=tokens,
            dialect=self.dialect,
            singles=self.singles,
            ones=self.ones,
            field_ones=self.field_ones,
            runs=self.runs,
            field_runs=self.field_runs,
            letters=self.letters,
            end=1 << self.size,
            head=_leading(tokens) if cased else "",
            tail=_leading(reversed(tokens)) if cased else "",
            literal="".join(str(token) for token in tokens) if is_literal else None,
            is_shifting=self.is_shifting,
        )


@lru_cache(maxsize=4096)
def cases(character: str) -> frozenset[str]:
    """Give all characters that are this one in lower case."""
    lowered = character.lower()
    if lowered.isascii():
        return frozenset({lowered, lowered.upper()} | ({KELVIN} if lowered == "k" else set()))
    return frozenset({lowered, *_upper_of().get(lowered, ())})


KELVIN = "\u212a"
"""The one character outside of ASCII whose lower case is within."""


@lru_cache(maxsize=1)
def _upper_of() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for character in map(chr, range(0x80, 0x1_1000)):
        if character.lower() != character:
            found.setdefault(character.lower(), []).append(character)
    return found


def _leading(tokens: Iterable[Token]) -> str:
    first = next(iter(tokens), "")
    return first if isinstance(first, str) else ""


def symbols(each: Language, states: int) -> set[str]:
    """Give the characters that the states tell apart from others."""
    return {character for character, mask in each.singles.items() if mask & states}


def is_open(each: Language, states: int) -> bool:
    """Tell whether some state goes on by characters that are not spelled out."""
    return bool(states & (each.ones | each.field_ones | each.runs | each.field_runs))


def knows_fields(each: Language) -> bool:
    """Tell whether the colon is a character of its own."""
    return bool(each.field_ones | each.field_runs)


EVERYTHING = language((ANY,))
"""Every text."""
