"""Fewer statements that say exactly the same: equal resources under the same conditions take their actions together.

What comes out depends on the set of statements alone, so that no order of grants shows in a template.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keywright.policy.statement import Conditions, Effect, Statement

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    Parts = tuple[str, ...]


def merged(statements: Iterable[Statement], *, resources: bool = True) -> tuple[Statement, ...]:
    """Merge statements of one policy, what denies first; nobody gains or loses by it.

    Of two statements that differ in their actions alone, and with `resources` of two that differ in their resources
    alone, one is made. A statement with a name, or with an element that says what it does *not* mean, stays as it is.
    """
    found = list({_key(each): each for each in map(_in_order, statements)}.values())
    while len(found) > 1:
        fewer = _by(found, "actions")
        fewer = _by(fewer, "resources") if resources else fewer
        if len(fewer) == len(found):
            return tuple(sorted(fewer, key=_text))
        found = fewer
    return tuple(found)


def _by(found: Iterable[Statement], part: str) -> list[Statement]:
    """Make one statement of those that differ in this part alone, with all that they say in it."""
    alike: dict[Hashable, list[Statement]] = {}
    for each in found:
        alike.setdefault(_key(each, but=part) if is_plain(each) else _key(each), []).append(each)
    return [_union(several, part) for several in alike.values()]


def _union(statements: list[Statement], part: str) -> Statement:
    if len(statements) == 1:
        return statements[0]
    together: dict[str, Any] = {part: _sorted(value for each in statements for value in getattr(each, part))}
    return replace(statements[0], **together)


def _key(statement: Statement, but: str = "") -> Hashable:
    """Give what a statement says as something that can be looked up; `but` is the part that does not count."""
    conditions = tuple(
        (operator, key, values)
        for operator, keys in statement.conditions.items()
        for key, values in keys.items()
    )
    parts = (
        () if part == but else getattr(statement, part)
        for part in ("actions", "not_actions", "resources", "not_resources")
    )
    named = (tuple(statement.principals.items()), tuple(statement.not_principals.items()))
    return (but, statement.effect, statement.sid, conditions, *parts, *named)


def is_plain(statement: Statement) -> bool:
    """Tell whether a statement may be merged: it says what it means, by no name of its own."""
    return bool(statement.actions and statement.resources) and not (
        statement.sid or statement.principals or statement.not_principals
    )


def _in_order(statement: Statement) -> Statement:
    return replace(
        statement,
        actions=_sorted(statement.actions),
        not_actions=_sorted(statement.not_actions),
        resources=_sorted(statement.resources),
        not_resources=_sorted(statement.not_resources),
        conditions=_conditions_in_order(statement.conditions),
    )


def _conditions_in_order(conditions: Conditions) -> Conditions:
    return {
        operator: {key: _sorted(conditions[operator][key]) for key in sorted(conditions[operator])}
        for operator in sorted(conditions)
    }


def _sorted(values: Iterable[str]) -> Parts:
    return tuple(sorted(set(values)))


def _text(statement: Statement) -> str:
    denies_first = "0" if statement.effect is Effect.DENY else "1"
    return denies_first + json.dumps(statement.to_json(), sort_keys=True)


def in_pieces(statement: Statement, most: int) -> Iterator[Statement]:
    """Cut a statement whose actions, or else resources, are longer than that many characters into ones that are not."""
    if not is_plain(statement):
        yield statement
        return
    for actions in _pieces(statement.actions, most):
        for resources in _pieces(statement.resources, most):
            yield replace(statement, actions=actions, resources=resources)


def _pieces(values: Parts, most: int) -> Iterator[Parts]:
    piece: list[str] = []
    length = 0
    for value in values:
        if piece and length + len(value) > most:
            yield tuple(piece)
            piece, length = [], 0
        piece.append(value)
        length += len(value)
    yield tuple(piece)
