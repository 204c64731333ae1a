"""Merge statements, and distribute them over as few policies of a size as a plain search finds.

The result depends on the set of statements alone, so that the order of grants does not show in a template.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from keywright.policy.quotas import MANAGED_POLICY
from keywright.policy.statement import Conditions, Effect, Statement, policy_document

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from keywright.policy.statement import Statement

    Parts = tuple[str, ...]


def merge_statements(statements: Iterable[Statement], *, resources: bool = True) -> tuple[Statement, ...]:
    """Merge the statements of one policy, Deny statements first, without a change in access.

    Two statements that differ only in their actions become one; with `resources`, also two that differ only in their
    resources. A statement with a Sid, or with a `Not…` element, stays as it is.
    """
    found = list({_key(each): each for each in map(_in_order, statements)}.values())
    while len(found) > 1:
        fewer = _by(found, "actions")
        fewer = _by(fewer, "resources") if resources else fewer
        if len(fewer) == len(found):
            return tuple(sorted(fewer, key=_sort_text))
        found = fewer
    return tuple(found)


def _by(found: Iterable[Statement], part: str) -> list[Statement]:
    """Merge the statements that differ only in this part."""
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
    """Give a statement's content as a key, without the part `but`."""
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
    """Tell whether a statement may be merged: no Sid and no `Not…` element."""
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


def _sort_text(statement: Statement) -> str:
    denies_first = "0" if statement.effect is Effect.DENY else "1"
    return denies_first + json.dumps(statement.to_json(), sort_keys=True)


def split_statement(statement: Statement, most: int) -> Iterator[Statement]:
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


MANAGED_QUOTA = MANAGED_POLICY.default


def document_size(document: dict[str, Any]) -> int:
    """Count characters as IAM does, which ignores white space; a blank inside a value counts, to be on the safe side."""
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


PIECE = 1_500
"""Characters of actions, and of resources, in one statement that is placed: pieces of this size pack well."""
_AROUND = 4
"""Quotes, comma and bracket around one resource of a list."""


@dataclass
class _Share:
    """The statements of one policy; `size` is at least that of its merged document."""

    statements: list[Statement] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    size: int = 0

    def cost(self, unit: _Unit) -> int:
        """Count what a statement adds: only its resources if a similar one is there."""
        return unit.resources if unit.kind in self.kinds else unit.whole

    def take(self, unit: _Unit) -> None:
        self.size += self.cost(unit)
        self.kinds.add(unit.kind)
        self.statements.append(unit.statement)


@dataclass(frozen=True)
class _Unit:
    """A statement to place; `kind` is its content without its resources."""

    statement: Statement
    text: str
    kind: str
    whole: int
    resources: int


def _size(statements: Iterable[Statement]) -> int:
    return document_size(policy_document(*statements))


def fit_statements(statements: Sequence[Statement], most: int) -> tuple[Statement, ...]:
    """Merge a policy's statements by resource, as a reviewer reads them; by action too, where they are too long so."""
    readable = merge_statements(statements, resources=False)
    return readable if _size(readable) <= most else merge_statements(statements)


def distribute_statements(
    statements: Sequence[Statement], most: int, places: int
) -> dict[int, tuple[Statement, ...]] | None:
    """Distribute statements over the fewest numbered policies of a size; None if they do not fit.

    Statements that differ only in their resources stay together. Each has its own order of the places, by hash, and
    takes the first with room. So the order of statements does not matter, a new place takes only its own share, and a
    new statement moves others only where it takes their room.
    """
    units = sorted(
        {unit.text: unit for unit in _units(statements)}.values(), key=lambda each: (each.kind, each.text)
    )
    fewest = max(1, -(-_size(merge_statements(statements)) // most))
    for count in range(fewest, places + 1):
        found = _over(count, units, most)
        if found is not None:
            return {place: fit_statements(found[place].statements, most) for place in sorted(found)}
    return None


def _over(count: int, units: Sequence[_Unit], most: int) -> dict[int, _Share] | None:
    taken: dict[int, _Share] = {}
    for unit in units:
        for place in sorted(range(1, count + 1), key=lambda each: _preference(each, unit.kind), reverse=True):
            share = taken.get(place) or _Share(size=_size(()))
            if share.size + share.cost(unit) <= most:
                share.take(unit)
                taken[place] = share
                break
        else:
            return None
    return taken


def _units(statements: Iterable[Statement]) -> Iterator[_Unit]:
    for whole in statements:
        for alone in split_statement(whole, PIECE):
            (piece,) = merge_statements([alone])
            kind = replace(piece, resources=()) if is_plain(piece) else piece
            resources = sum(len(json.dumps(each, ensure_ascii=False)) + 1 for each in piece.resources)
            yield _Unit(piece, _text(piece), _text(kind), len(_text(piece)) + _AROUND, resources + _AROUND)


def _text(statement: Statement) -> str:
    return json.dumps(statement.to_json(), separators=(",", ":"), ensure_ascii=False)


def _preference(place: int, kind: str) -> bytes:
    return hashlib.sha256(f"{place}:{kind}".encode()).digest()
