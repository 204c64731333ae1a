"""Pattern languages: the sets of texts that patterns with wildcards match.

A policy variable is a symbol of its own: it is neither a literal nor a wildcard; `*` matches it completely,
and `?` does not match it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import matcher, split_tokens
from keywright.policy.matching.patterns import ANY, ONE, Glob, normalized
from keywright.policy.matching.variables import Variable
from keywright.reasoning.sets.automata import Automaton, automaton, may_hold_colon
from keywright.reasoning.sets.memo import MEMO, memoized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from keywright.policy.matching.patterns import Piece
    from keywright.policy.matching.variables import Token

SEPARATOR = ":"
LEADING_FIELDS = 5

FRESH, _OPEN, _CLOSE, _FIRST_BYTE = "\ue000", "\ue001", "\ue002", 0xE100
"""Private-use characters, which policies do not contain.

A fresh character, the marks around a variable, its bytes.
"""
_PRIVATE = re.compile("[\ue000-\uf8ff]")


class Dialect(Enum):
    """How wildcards and case of a pattern are read."""

    TEXT = "text"
    """Wildcards match any character."""
    ARN = "arn"
    """Wildcards in the (at most five) leading fields stay within their field.

    The last one matches everything after it.
    """
    ANY_CASE = "any case"
    """As TEXT, but ignoring case."""


@dataclass(frozen=True, eq=False)
class Language:
    """The texts of one pattern. Compared by identity.

    `language` returns the same object for the same pattern.

    `leading` is the number of fields that wildcards cannot leave; `head` and `tail` are the literal text
    before the first and after the last other token; `literal` is the only text, None where there may be
    several.
    """

    tokens: tuple[Token, ...]
    dialect: Dialect
    leading: int
    head: str
    tail: str
    literal: str | None
    variables: frozenset[Variable]

    @property
    def is_everything(self) -> bool:
        """Whether every text belongs to it."""
        return self.tokens == (ANY,)

    @cached_property
    def is_ordinary(self) -> bool:
        """Whether case matters and every character stands for itself only."""
        return self.dialect is not Dialect.ANY_CASE and not any(
            _PRIVATE.search(token) for token in self.tokens if isinstance(token, str)
        )

    @cached_property
    def may_shift_fields(self) -> bool:
        """Whether a variable in a leading field may contain a colon, so that its value decides the fields."""
        before = 0
        for token in self.tokens:
            if isinstance(token, Variable) and before < self.leading and may_hold_colon(token):
                return True
            before += token.count(SEPARATOR) if isinstance(token, str) else 0
        return False

    @cached_property
    def has_variable_case(self) -> bool:
        """Whether a text of the pattern may contain a variable's value in different case."""
        return bool(self.variables) and self.dialect is Dialect.ANY_CASE

    @cached_property
    def fields(self) -> tuple[Language, ...]:
        """The languages of the fields of an ARN pattern: one more than the leading fields."""
        fields: tuple[tuple[Token, ...], ...] = split_tokens(self.tokens)
        return tuple(map(language, fields))

    @cached_property
    def automaton(self) -> Automaton:
        """The automaton of the pattern."""
        return automaton(self.tokens, self.leading, any_case=self.dialect is Dialect.ANY_CASE)

    @cached_property
    def contains(self) -> Callable[[str], bool]:
        """Return whether a text belongs to it; a pattern with a variable is taken to match nothing."""
        if self.literal is not None:
            return self.literal.__eq__
        if self.variables:
            return lambda _: False
        if self.dialect is Dialect.ANY_CASE:
            return self.automaton.accepts
        if self.leading:
            return matcher(tuple(Glob.of(field) for field in split_tokens(self.tokens)))  # type: ignore[arg-type]
        return Glob(self.tokens).matches  # type: ignore[arg-type]

    @cached_property
    def matches_spelling(self) -> Callable[[str], bool]:
        """Return whether another pattern's `spelling` belongs to it; itself or a `*` matches a variable."""
        parts = (_marked(token) if isinstance(token, Variable) else token for token in self.tokens)
        return Glob.of(parts).matches

    @cached_property
    def spelling(self) -> str:
        """A text for the pattern: a fresh character for each wildcard, and variables between marks."""
        return "".join(
            token if isinstance(token, str) else _marked(token) if isinstance(token, Variable) else FRESH
            for token in self.tokens
        )

    @cached_property
    def beginning(self) -> str:
        """The text before the first `*`, with a fresh character for each `?`."""
        until = self.tokens.index(ANY) if ANY in self.tokens else len(self.tokens)
        return "".join(token if isinstance(token, str) else FRESH for token in self.tokens[:until])

    @cached_property
    def ending(self) -> str:
        """The text after the last `*`, with a fresh character for each `?`."""
        back = self.tokens[::-1]
        until = back.index(ANY) if ANY in back else len(back)
        return "".join(token if isinstance(token, str) else FRESH for token in reversed(back[:until]))

    @cached_property
    def middle(self) -> str:
        """The text between the first and the last `*`, with a fresh character for each wildcard."""
        inner = self.tokens[self.tokens.index(ANY) :] if ANY in self.tokens else ()
        return "".join(token if isinstance(token, str) else FRESH for token in inner).removesuffix(
            self.ending
        )

    @cached_property
    def has_question_mark(self) -> bool:
        """Whether the pattern has a `?`."""
        return ONE in self.tokens

    @cached_property
    def has_star(self) -> bool:
        """Whether the pattern has a `*`."""
        return ANY in self.tokens


@memoized
def _marked(variable: Variable) -> str:
    """Encode a variable in characters that no literal matches a part of."""
    named = f"{variable.key}\0{variable.default!r}".encode(errors="surrogatepass")
    return _OPEN + "".join(chr(_FIRST_BYTE + byte) for byte in named) + _CLOSE


def pattern(tokens: Iterable[Token], dialect: Dialect = Dialect.TEXT) -> Language:
    """Return the language of a pattern in any form: split literals, wildcards in any order."""
    tidy: list[Token] = []
    run: list[Piece] = []
    for token in tokens:
        if isinstance(token, Variable):
            tidy += _tidied(run)
            tidy.append(token)
            run = []
        else:
            run.append(token)
    return language((*tidy, *_tidied(run)), dialect)


def _tidied(run: list[Piece]) -> Sequence[Piece]:
    """Normalize literals and wildcards; most are already in normal form."""
    was_literal: bool | None = None
    for each in run:
        is_literal = isinstance(each, str)
        if is_literal is was_literal or not each:
            return normalized(run)
        was_literal = is_literal
    return run


@memoized
def language(tokens: tuple[Token, ...], dialect: Dialect = Dialect.TEXT) -> Language:
    """Return the language of a pattern in normal form."""
    is_cased = dialect is not Dialect.ANY_CASE
    first, last = (tokens[0], tokens[-1]) if tokens and is_cased else ("", "")
    is_literal = is_cased and all(isinstance(token, str) for token in tokens)
    MEMO.weight += sum(len(token) for token in tokens if isinstance(token, str))
    return Language(
        tokens=tokens,
        dialect=dialect,
        leading=min(_colons(tokens), LEADING_FIELDS) if dialect is Dialect.ARN else 0,
        head=first if isinstance(first, str) else "",
        tail=last if isinstance(last, str) else "",
        literal="".join(map(str, tokens)) if is_literal else None,
        variables=frozenset(token for token in tokens if isinstance(token, Variable)),
    )


@memoized
def over_approximation(each: Language) -> Language:
    """Let every variable match any text, including colons.

    A superset of the pattern, whatever the request.
    """
    if not each.variables:
        return each
    # A variable with a colon in it would move the later fields, so field boundaries cannot be kept.
    tokens = (ANY if isinstance(token, Variable) else token for token in each.tokens)
    return pattern(tokens, Dialect.TEXT if each.may_shift_fields else each.dialect)


def _colons(tokens: Iterable[Token]) -> int:
    return sum(token.count(SEPARATOR) for token in tokens if isinstance(token, str))


EVERYTHING = language((ANY,))
"""Every text."""
