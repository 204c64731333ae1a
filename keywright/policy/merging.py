"""Fewer statements that say exactly the same: equal resources under the same conditions take their actions together.

What comes out depends on the set of statements alone, so that no order of grants shows in a template.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keywright.policy.statement import Conditions, Effect, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    Parts = tuple[str, ...]


def merged(statements: Iterable[Statement], *, resources: bool = True) -> tuple[Statement, ...]:
    """Merge statements of one policy, what denies first; nobody gains or loses by it.

    Of two statements that differ in their actions alone, and with `resources` of two that differ in their resources
    alone, one is made. A statement with a name, or with an element that says what it does *not* mean, stays as it is.
    """
    found = {_Ordered(_in_order(each)) for each in statements}
    while True:
        fewer = _by(found, _but_actions, "actions")
        fewer = _by(fewer, _but_resources, "resources") if resources else fewer
        if len(fewer) == len(found):
            return tuple(each.statement for each in sorted(fewer, key=lambda each: each.text))
        found = fewer


class _Ordered:
    """A statement that equals another by its text: conditions are mappings, which have no hash."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.text = _text(statement)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ordered) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def _by(found: Iterable[_Ordered], kind: Callable[[Statement], Hashable], part: str) -> set[_Ordered]:
    """Make one statement of those that are of a kind, with all that they say in this part."""
    alike: dict[Hashable, list[Statement]] = {}
    for each in found:
        alike.setdefault(kind(each.statement), []).append(each.statement)
    return {_Ordered(_union(several, part)) for several in alike.values()}


def _union(statements: list[Statement], part: str) -> Statement:
    if len(statements) == 1:
        return statements[0]
    together: dict[str, Any] = {part: _sorted(value for each in statements for value in getattr(each, part))}
    return replace(statements[0], **together)


def _but_actions(statement: Statement) -> Hashable:
    return _text(replace(statement, actions=())) if is_plain(statement) else _text(statement)


def _but_resources(statement: Statement) -> Hashable:
    return _text(replace(statement, resources=())) if is_plain(statement) else _text(statement)


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
