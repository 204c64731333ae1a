"""Mark the gains and losses of a review in the access map.

The map shows the later side; the marks are the steps of the review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import service_of
from keywright.policy.reference import catalogue
from keywright.review.map.access_map import EXTERNAL, Mark, Row, principal_names
from keywright.review.map.columns import EVERYTHING, Column, is_pattern, service_of_arn
from keywright.review.map.levels import MAP_LEVELS, NOTHING
from keywright.review.result import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.review.comparison.snapshot import IdentityAccess
    from keywright.review.map.access_map import AccessMap
    from keywright.review.map.levels import Levels
    from keywright.review.result import Change, Review, Step


def columns_of(review: Review) -> Iterator[Column]:
    """Yield the columns that the steps of a review name."""
    for change in review.changes:
        for step in (*change.gains, *change.losses):
            yield from _columns(change, step)


def _columns(change: Change, step: Step) -> Iterator[Column]:
    if change.subject is Subject.TRUST:
        yield Column("iam", change.arn)
        return
    named_ones = [each for each in step.resources if service_of_arn(each)]
    yield from (Column(service_of_arn(each), each) for each in named_ones)
    if named_ones:
        return
    if change.subject is Subject.RESOURCE:
        kind = change.name.split(" ", 1)[0]
        yield Column(service_of_arn(change.arn) or kind, change.arn or f"<{change.name}>")
    elif step.resources:
        yield from (Column(each, EVERYTHING) for each in sorted({*map(service_of, step.actions)}))
    else:
        resource = step.witness.resource
        service = service_of_arn(resource) or service_of(step.witness.action)
        yield Column(service, resource if service_of_arn(resource) else EVERYTHING)


def mark(
    drawn: AccessMap, review: Review, earlier: Mapping[str, IdentityAccess], was: AccessMap | None = None
) -> None:
    """Mark a map of the later side; `earlier` are the earlier side's identities by ARN, `was` is the earlier side's map.

    Columns within a step's pattern are marked where the level is new in the cell, or removed from it.
    """
    for change in review.changes:
        for step, is_gain in (
            *((each, True) for each in change.gains),
            *((each, False) for each in change.losses),
        ):
            for row in _rows(drawn, change, step, earlier):
                _mark_own(drawn, change, step, row, is_gain=is_gain)
                if was is not None:
                    _mark_within(drawn, was, step, row, is_gain=is_gain)


def _mark_own(drawn: AccessMap, change: Change, step: Step, row: Row, *, is_gain: bool) -> None:
    for column in _columns(change, step):
        found = row.marks.setdefault(drawn.columns.add(column), Mark())
        (found.gained if is_gain else found.lost).update(_levels(drawn, step, column))


def _mark_within(drawn: AccessMap, was: AccessMap, step: Step, row: Row, *, is_gain: bool) -> None:
    within = {each for text in step.resources if is_pattern(text) for each in drawn.columns.within(text)}
    if not within:
        return
    columns = list(drawn.columns.all)
    now, before = drawn.cells(row), _cells_by_column(was, row)
    for number in sorted(within):
        here, there = now.get(number, NOTHING), before.get(columns[number], NOTHING)
        differing = _only_in(here, there) if is_gain else _only_in(there, here)
        if differing:
            found = row.marks.setdefault(number, Mark())
            (found.gained if is_gain else found.lost).update(differing)


def _cells_by_column(was: AccessMap, row: Row) -> dict[Column, Levels]:
    old = was.rows.get(row.arn)
    columns = list(was.columns.all)
    return {columns[number]: levels for number, levels in was.cells(old).items()} if old else {}


def _only_in(one: Levels, other: Levels) -> list[str]:
    """Give the levels that only one of two cells has."""
    return [level for level, mine, its in zip(MAP_LEVELS, one, other, strict=True) if mine and not its]


def _levels(drawn: AccessMap, step: Step, column: Column) -> Iterable[str]:
    """Give the levels of a step that apply to a column; all levels if this is unknown."""
    names = drawn.columns.kinds(column).names
    fitting = (catalogue.action(each) for each in step.actions if each.lower() in names)
    found = {level for each in fitting if each for level in each.levels}
    # Too many marked levels are safe, an unmarked gain is not.
    return found & set(step.levels) or step.levels


def _rows(
    drawn: AccessMap, change: Change, step: Step, earlier: Mapping[str, IdentityAccess]
) -> Iterator[Row]:
    if change.subject is Subject.ACCESS:
        yield _row(drawn, change.arn, change.name, earlier)
        if change.name.startswith("group/"):
            yield from (row for name in change.concerns for row in drawn.by_name.get(name, ()))
        return
    statement = step.statement
    principals, excluded = (_by_kind(statement.get(each)) for each in ("Principal", "NotPrincipal"))
    several = [*principal_names(principals, excluded)] or [(step.witness.principal, step.witness.principal)]
    yield from (_row(drawn, who, name, earlier) for who, name in several)


def _row(drawn: AccessMap, who: str, name: str, earlier: Mapping[str, IdentityAccess]) -> Row:
    if who not in drawn.rows:
        was = earlier.get(who)
        kind = str(was.kind) if was else EXTERNAL
        drawn.rows[who] = Row(was.name if was else name, who, kind, is_gone=True)
    return drawn.rows[who]


def _by_kind(principals: object) -> dict[str, tuple[str, ...]]:
    """Read the principal element of a statement."""
    if isinstance(principals, str):
        return {"*": (principals,)}
    if not isinstance(principals, dict):
        return {}
    return {
        str(kind): (each,) if isinstance(each, str) else tuple(map(str, each))
        for kind, each in principals.items()
    }
