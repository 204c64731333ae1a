"""How policies match names: wildcards, ARNs field by field, policy variables.

AWS: "IAM JSON policy elements: Resource", "IAM JSON policy elements: Condition operators" and "IAM policy
elements: Variables and tags" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Resolve = Callable[[str], str | None]
"""Give the value of a condition key in the request, or None where the request carries none."""

_VARIABLE = re.compile(r"\$\{(?P<key>[^{},]+?)(?:,\s*'(?P<default>[^']*)')?\s*\}")
_LITERALS = ("*", "?", "$")
_FIELDS = 6


class Unresolved(Exception):  # noqa: N818 - what a variable is
    """A policy variable without a value in the request and without a default: its statement cannot match."""


def fill(pattern: str, resolve: Resolve | None) -> tuple[tuple[str, bool], ...]:
    """Split a pattern into pieces of (text, literal): a variable's value and `${*}` are literal, never wildcards.

    Raises:
        Unresolved: A variable has no value. `resolve` is None where a document's version knows no variables.
    """
    if resolve is None or "${" not in pattern:
        return ((pattern, False),)
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in _VARIABLE.finditer(pattern):
        pieces += [(pattern[end : found.start()], False), (_value(found, resolve), True)]
        end = found.end()
    return (*pieces, (pattern[end:], False))


def _value(found: re.Match[str], resolve: Resolve) -> str:
    key = found["key"].strip()
    if key in _LITERALS:
        return key
    value = resolve(key)
    if value is None:
        value = found["default"]
    if value is None:
        raise Unresolved(key)
    return value


def literal(pattern: str, resolve: Resolve | None) -> str:
    """Give a text with its variables filled in, for operators that know no wildcards.

    Raises:
        Unresolved: A variable has no value.
    """
    return "".join(piece for piece, _ in fill(pattern, resolve))


def matches(value: str, pattern: str, resolve: Resolve | None = None, *, any_case: bool = False) -> bool:
    """Tell whether a text fits a pattern of `*` (any characters, none too) and `?` (one character).

    Raises:
        Unresolved: A variable of the pattern has no value.
    """
    return _compiled(fill(pattern, resolve), any_case=any_case).fullmatch(value) is not None


def arn_matches(arn: str, pattern: str, resolve: Resolve | None = None) -> bool:
    """Tell whether an ARN fits a pattern, each of the first five fields for itself, the rest as one text.

    An incomplete pattern is completed with wildcards.

    Raises:
        Unresolved: A variable of the pattern has no value.
    """
    if pattern == "*":
        return True
    wanted, given = _fields(fill(pattern, resolve)), arn.split(":", _FIELDS - 1)
    if len(given) < _FIELDS:
        return False
    return all(
        _compiled(field, any_case=False).fullmatch(value) is not None
        for field, value in zip(wanted, given, strict=True)
    )


def _fields(pieces: tuple[tuple[str, bool], ...]) -> list[tuple[tuple[str, bool], ...]]:
    """Split filled pieces at the first five colons that the pattern itself wrote."""
    fields: list[list[tuple[str, bool]]] = [[]]
    for piece, is_literal in pieces:
        # A colon in a variable's value starts no new field.
        parts = [piece] if is_literal else piece.split(":", _FIELDS - len(fields))
        fields[-1].append((parts[0], is_literal))
        fields += [[(part, False)] for part in parts[1:]]
    fields += [[("*", False)] for _ in range(_FIELDS - len(fields))]
    return [tuple(field) for field in fields]


@lru_cache(maxsize=8192)
def _compiled(pieces: tuple[tuple[str, bool], ...], *, any_case: bool) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    expression = "".join(
        re.escape(text) if is_literal else "".join(wildcards.get(each) or re.escape(each) for each in text)
        for text, is_literal in pieces
    )
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if any_case else 0))
