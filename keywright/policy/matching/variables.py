"""Policy variables: `${key}`, `${key, 'default'}` and the escapes `${*}`, `${?}`, `${$}`.

Source: "IAM policy elements: Variables and tags". Only documents of version 2012-10-17 know them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.policy.matching.context import Missing
from keywright.policy.matching.memoize import memoized
from keywright.policy.matching.patterns import Piece, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.policy.matching.context import Context

_VARIABLE = re.compile(r"\$\{([^{}',]++(?:,\s*+'[^']*+'\s*+)?+)\}")
_ESCAPES = frozenset("*?$")


@dataclass(frozen=True, slots=True)
class Variable:
    """A context key whose one value is written in; `key` is in lower case."""

    key: str
    default: str | None = None


Token = Piece | Variable


@memoized
def tokens(text: str, knows_variables: bool) -> tuple[Token, ...]:  # noqa: FBT001 - cached by position
    """Split a value into literals, wildcards and, where the document knows them, variables."""
    if not knows_variables or "${" not in text:
        return pieces(text)
    found: list[Token] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        found.extend(pieces(text[end : match.start()]))
        inside = match.group(1)
        found.append(inside if inside in _ESCAPES else _variable(inside))
        end = match.end()
    return (*found, *pieces(text[end:]))


def is_malformed(text: str) -> bool:
    """Tell whether a value has an incomplete variable; it is then literal text."""
    return "${" in text and "${" in _VARIABLE.sub("", text)


def has_variable(parts: Iterable[Token]) -> bool:
    """Tell whether a value depends on the request."""
    return any(isinstance(part, Variable) for part in parts)


def substitute(parts: Iterable[Token], context: Context) -> tuple[Piece, ...] | Missing:
    """Replace variables by the request's values, which are literal whatever characters they have.

    A variable stands for exactly one value: a key with several counts as hidden. An absent one without default
    outweighs unknown ones: the value can then never match.
    """
    found = [_value(part, context) if isinstance(part, Variable) else part for part in parts]
    missing = [piece for piece in found if isinstance(piece, Missing)]
    if missing:
        return Missing.ABSENT if Missing.ABSENT in missing else missing[0]
    return tuple(piece for piece in found if not isinstance(piece, Missing))


def _value(variable: Variable, context: Context) -> str | Missing:
    found = context.lookup(variable.key)
    if isinstance(found, tuple):
        return found[0] if len(found) == 1 else Missing.HIDDEN
    if found is Missing.ABSENT and variable.default is not None:
        return variable.default
    return found


def _variable(inside: str) -> Variable:
    key, comma, quoted = inside.partition(",")
    return Variable(key.strip().lower(), quoted.strip()[1:-1] if comma else None)
