"""What a review found, marked in the access map: every step of a gain or loss stands in a cell.

The map's own letters are of the later side; the marks are the review's steps, nothing is compared anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy import catalogue
from keywright.policy.actions import service_of
from keywright.review.access_map import Mark, Row
from keywright.review.access_map_columns import EVERYTHING, Column, service_of_arn
from keywright.review.access_map_outside import OUTSIDE, named
from keywright.review.change import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.review.access_map import AccessMap
    from keywright.review.change import Change, Review, Step
    from keywright.review.side import Bearer


def columns_of(review: Review) -> Iterator[Column]:
    """Give the columns that the steps of a review name."""
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


def mark(drawn: AccessMap, review: Review, gone: Mapping[str, Bearer]) -> None:
    """Mark a map of the later side; `gone` are the earlier side's bearers by ARN."""
    for change in review.changes:
        for step in change.gains:
            _mark_step(drawn, change, step, gone, is_gain=True)
        for step in change.losses:
            _mark_step(drawn, change, step, gone, is_gain=False)


def _mark_step(
    drawn: AccessMap, change: Change, step: Step, gone: Mapping[str, Bearer], *, is_gain: bool
) -> None:
    for row in _rows(drawn, change, step, gone):
        for column in _columns(change, step):
            found = row.marks.setdefault(drawn.columns.add(column), Mark())
            (found.gained if is_gain else found.lost).update(_levels(drawn, step, column))


def _levels(drawn: AccessMap, step: Step, column: Column) -> Iterable[str]:
    """Give the levels of a step that are about a column; all of them where that can't be told."""
    names = drawn.columns.kinds(column).names
    fitting = (catalogue.action(each) for each in step.actions if each.lower() in names)
    found = {level for each in fitting if each for level in each.levels}
    return found & set(step.levels) or step.levels


def _rows(drawn: AccessMap, change: Change, step: Step, gone: Mapping[str, Bearer]) -> Iterator[Row]:
    if change.subject is Subject.ACCESS:
        yield _row(drawn, change.arn, change.name, gone)
        if change.name.startswith("group/"):
            yield from (row for name in change.concerns for row in drawn.by_name.get(name, ()))
        return
    statement = step.statement
    principals, excluded = (_by_kind(statement.get(each)) for each in ("Principal", "NotPrincipal"))
    several = [*named(principals, excluded)] or [(step.witness.principal, step.witness.principal)]
    yield from (_row(drawn, who, name, gone) for who, name in several)


def _row(drawn: AccessMap, who: str, name: str, gone: Mapping[str, Bearer]) -> Row:
    if who not in drawn.rows:
        was = gone.get(who)
        kind = str(was.kind) if was else OUTSIDE
        drawn.rows[who] = Row(was.name if was else name, who, kind, is_gone=True)
    return drawn.rows[who]


def _by_kind(principals: object) -> dict[str, tuple[str, ...]]:
    """Read a principal element of a written statement."""
    if isinstance(principals, str):
        return {"*": (principals,)}
    if not isinstance(principals, dict):
        return {}
    return {
        str(kind): (each,) if isinstance(each, str) else tuple(map(str, each))
        for kind, each in principals.items()
    }
