"""The condition keys that statements ask about, be it as a key or as a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.statement import Statement
    from keywright.policy.variables import Token


def condition_keys(statements: Iterable[Statement]) -> dict[str, str]:
    """Give the keys in lower case, each with its spelling in the statements."""
    found: dict[str, str] = {}
    for statement in statements:
        for condition in statement.condition_tests:
            found.setdefault(condition.lowered_key, condition.key)
            if condition.has_variables:
                _add_variables(found, condition.tokens)
        _add_variables(found, (each.tokens for each in statement.resource_patterns if each.has_variables))
    return found


def _add_variables(found: dict[str, str], values: Iterable[Iterable[Token]]) -> None:
    for key in _variables(values):
        found.setdefault(key, key)


def _variables(values: Iterable[Iterable[Token]]) -> Iterator[str]:
    for parts in values:
        for part in parts:
            if isinstance(part, Variable):
                yield part.key
