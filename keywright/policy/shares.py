"""Sharing statements out over policies of a size: as few policies as a plain search finds, and an edit moves little."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keywright.policy.document_size import document_size
from keywright.policy.merging import in_pieces, is_plain, merged
from keywright.policy.statement import policy_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.policy.statement import Statement

PIECE = 1_500
"""Characters of actions, and of resources, in one statement that is placed: pieces of this size pack well."""
_AROUND = 4
"""Quotes, comma and bracket around one resource of a list."""


@dataclass
class _Share:
    """What one policy takes; `size` is never less than that of its merged document."""

    statements: list[Statement] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    size: int = 0

    def cost(self, unit: _Unit) -> int:
        """Count what a statement adds: its resources alone where one like it is there."""
        return unit.resources if unit.kind in self.kinds else unit.whole

    def take(self, unit: _Unit) -> None:
        self.size += self.cost(unit)
        self.kinds.add(unit.kind)
        self.statements.append(unit.statement)


@dataclass(frozen=True)
class _Unit:
    """A statement that is placed; `kind` is what it says apart from its resources."""

    statement: Statement
    text: str
    kind: str
    whole: int
    resources: int


def _size(statements: Iterable[Statement]) -> int:
    return document_size(policy_document(*statements))


def fitted(statements: Sequence[Statement], most: int) -> tuple[Statement, ...]:
    """Merge a policy's statements by resource, as a reviewer reads them; by action too, where they are too long so."""
    readable = merged(statements, resources=False)
    return readable if _size(readable) <= most else merged(statements)


def shares(
    statements: Sequence[Statement], most: int, places: int
) -> dict[int, tuple[Statement, ...]] | None:
    """Share statements out over the fewest numbered policies of a size that hold them; None where they don't fit.

    Statements that differ in their resources alone stay together. Each has its own order of the places, by hash, and
    takes the first with room: so no order of the statements counts, a further place draws only its own share, and one
    more statement moves others only where it takes their room.
    """
    units = sorted(
        {unit.text: unit for unit in _units(statements)}.values(), key=lambda each: (each.kind, each.text)
    )
    fewest = max(1, -(-_size(merged(statements)) // most))
    for count in range(fewest, places + 1):
        found = _over(count, units, most)
        if found is not None:
            return {place: fitted(found[place].statements, most) for place in sorted(found)}
    return None


def _over(count: int, units: Sequence[_Unit], most: int) -> dict[int, _Share] | None:
    taken: dict[int, _Share] = {}
    for unit in units:
        for place in sorted(range(1, count + 1), key=lambda each: _liking(each, unit.kind), reverse=True):
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
        for alone in in_pieces(whole, PIECE):
            (piece,) = merged([alone])
            kind = replace(piece, resources=()) if is_plain(piece) else piece
            resources = sum(len(json.dumps(each, ensure_ascii=False)) + 1 for each in piece.resources)
            yield _Unit(piece, _text(piece), _text(kind), len(_text(piece)) + _AROUND, resources + _AROUND)


def _text(statement: Statement) -> str:
    return json.dumps(statement.to_json(), separators=(",", ":"), ensure_ascii=False)


def _liking(place: int, kind: str) -> bytes:
    return hashlib.sha256(f"{place}:{kind}".encode()).digest()
