"""The access map: who may reach which resource, by AWS's access levels, for one side of a review or an assembly alone.

What the map shows is what policies allow: own, group and managed ones, less what they deny and what the boundary holds
back, and beside them whom resources and roles let in by their own policies. Blind to: what a resource's policy denies to
those whom their own policies allow, and whether a role's trust lets in whom their own policies let go there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import Arn
from keywright.policy.matching.patterns import service_of
from keywright.policy.principals import PrincipalKind, principal
from keywright.policy.statement import Effect
from keywright.review.comparison.resources import policies_by_resource
from keywright.review.explanation import doubts_of
from keywright.review.map.columns import EVERYTHING, Column, Columns, covers, service_of_arn
from keywright.review.map.levels import (
    NOTHING,
    Certainty,
    Levels,
    Limits,
    Reach,
    at_most,
    joined,
    services_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.policy.statement import Statement
    from keywright.review.comparison.resources import Target
    from keywright.review.comparison.snapshot import ComparedPolicy, IdentityAccess, Snapshot


ANYBODY = "*"
OUTSIDE = "outside"
_NAMES = {"AWS": "", "Service": "service ", "Federated": "federated by ", "CanonicalUser": "canonical user "}
_NOBODY_ELSE = re.compile(r"\d{12}")


@dataclass(frozen=True, eq=False)
class ResourceGrant:
    """A statement that lets somebody in to a resource or role. `who` is an ARN, or what the policy says."""

    who: str
    name: str
    kind: str
    target: Column
    statement: Statement
    held: ComparedPolicy
    denials: tuple[Statement, ...]


def resource_grants(side: Snapshot) -> Iterator[ResourceGrant]:
    """Give them all: first of resources, then of roles."""
    for target, shared in policies_by_resource(side).items():
        yield from _of(column_of(target), shared)
    for bearer in side.bearers.values():
        yield from _of(Column("iam", bearer.arn), bearer.trust)


def column_of(target: Target) -> Column:
    """Give the column of a resource that bears a policy."""
    kind, name = target
    service = service_of_arn(name) or kind.partition("::")[0].lower()
    return Column(service, name or f"<{kind}>")


def _of(target: Column, shared: Iterable[ComparedPolicy]) -> Iterator[ResourceGrant]:
    shared = tuple(shared)
    denials = tuple(
        each
        for held in shared
        for each in held.most.statements
        if each.effect is Effect.DENY and "*" in each.principals
    )
    for held in shared:
        for statement in held.most.statements:
            if statement.effect is Effect.ALLOW:
                for who, name in named(statement.principals, statement.not_principals):
                    yield ResourceGrant(who, name, OUTSIDE, target, statement, held, denials)


def named(
    principals: Mapping[str, Iterable[str]], not_principals: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, str]]:
    """Give whom a statement names: a key for the row, and a name for people."""
    if not_principals:
        texts = ", ".join(text for each in not_principals.values() for text in each)
        yield f"not {texts}", f"anyone except {texts}"
    for kind, several in principals.items():
        for text in several:
            yield (ANYBODY, "anyone") if text == ANYBODY else _one(kind, text)


def _one(kind: str, text: str) -> tuple[str, str]:
    who = principal(text)
    if kind == "AWS" and (who.kind is PrincipalKind.ROOT or _NOBODY_ELSE.fullmatch(text)):
        account = who.account or text
        return f"account {account}", f"account {account}"
    arn = Arn.parse(text) if kind == "Federated" else None
    return text, f"{_NAMES.get(kind, '')}{arn.resource if arn else text}"


MOST_SERVICES = 12
"""Services that one statement gives on `*`, each as a column; more of them are one column."""
MOST_RESOURCES = 12
"""Resources of a service that one statement names, each as a column; more of them are a part of the service's."""

OF_ALL_SERVICES = Column("", EVERYTHING)
Shape = tuple[tuple[int, Levels], ...]
"""How far one statement reaches, by the columns' numbers. Whoever bears the same statement has the same shape."""


@dataclass
class Row:
    """One who may do something. `marks` tells what a review says of its cells."""

    name: str
    arn: str
    kind: str
    shapes: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    is_gone: bool = False
    marks: dict[int, Mark] = field(default_factory=dict)


@dataclass
class Mark:
    """The levels of a cell in which access grows, and in which it shrinks."""

    gained: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


@dataclass
class AccessMap:
    """Rows that share shapes, and columns by number."""

    columns: Columns
    shapes: list[Shape] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    """By ARN, or by what a policy calls somebody from elsewhere; one declared twice has two rows."""

    @cached_property
    def by_name(self) -> dict[str, list[Row]]:
        """Give the rows that one name may mean."""
        found: dict[str, list[Row]] = {}
        for row in self.rows.values():
            found.setdefault(row.name, []).append(row)
        return found

    def cells(self, row: Row) -> dict[int, Levels]:
        """Give the cells of a row that hold something."""
        found: dict[int, Levels] = {}
        for shape in row.shapes:
            for column, levels in self.shapes[shape]:
                found[column] = joined(found.get(column, NOTHING), levels)
        return found

    @property
    def unsure(self) -> list[Row]:
        """Give the rows of which something can't be told."""
        return [row for row in self.rows.values() if row.doubts or self._has_unsure(row)]

    def _has_unsure(self, row: Row) -> bool:
        return any(Certainty.UNSURE in levels for levels in self.cells(row).values())


def access_map(side: Snapshot, others: Iterable[Column] = ()) -> AccessMap:
    """Draw up the map of one side; `others` are columns that are to be there though nobody holds them any more."""
    return _Drawing(side).drawn(others)


@dataclass
class _Told:
    """A statement that allows, what limits it, and the columns that it names itself."""

    statement: Statement
    limits: Limits
    own: Mapping[int, bool]
    """The columns by number, and whether only a part of one is meant."""
    strays: tuple[str, ...]
    is_open: bool


class _Drawing:
    """Draws one map. Every statement is told first, so that all columns are there when it is worked out who covers which."""

    def __init__(self, side: Snapshot) -> None:
        self.side = side
        self.invited = tuple(resource_grants(side))
        self.columns = Columns(services_in(self._statements()))
        self.reach = Reach(self.columns)
        self.map = AccessMap(self.columns)
        self._limits: dict[tuple[object, ...], Limits] = {}
        self._told: dict[tuple[int, ...], int] = {}
        self._all_told: list[_Told] = []

    def _statements(self) -> Iterator[Statement]:
        for bearer in self.side.bearers.values():
            for held in bearer.grants:
                yield from held.most.statements
        for each in self.invited:
            yield each.statement

    def drawn(self, others: Iterable[Column]) -> AccessMap:
        for key, bearer in self.side.bearers.items():
            self.map.rows[key] = self._row(bearer)
        for each in self.invited:
            self._invite(each)
        for column in others:
            self.columns.add(column)
        self.map.shapes = [self._shape(each) for each in self._all_told]
        return self.map

    def _row(self, bearer: IdentityAccess) -> Row:
        limits = self._limits_of(bearer)
        shapes = (
            self._tell(statement, limits, held, None)
            for held in bearer.grants
            for statement in held.most.statements
            if statement.effect is Effect.ALLOW
        )
        return Row(
            bearer.name,
            bearer.arn,
            str(bearer.kind),
            tuple(dict.fromkeys(shapes)),
            bearer.groups,
            doubts_of(bearer),
        )

    def _limits_of(self, bearer: IdentityAccess) -> Limits:
        denials = _denials(bearer.grants)
        boundary = bearer.boundary
        is_unsure = bool(bearer.has_open_boundary or (bearer.boundary_arn and boundary is None))
        key = (*map(id, denials), boundary.mark if boundary else "", is_unsure)
        if key not in self._limits:
            statements = boundary.most.statements if boundary else None
            self._limits[key] = Limits(denials, statements, is_unsure)
        return self._limits[key]

    def _invite(self, each: ResourceGrant) -> None:
        row = self.map.rows.setdefault(each.who, Row(each.name, each.who, each.kind))
        key = ("invited", *map(id, each.denials))
        limits = self._limits.setdefault(key, Limits(each.denials))
        shape = self._tell(each.statement, limits, each.held, each.target)
        row.shapes = tuple(dict.fromkeys((*row.shapes, shape)))

    # Statements

    def _tell(self, statement: Statement, limits: Limits, held: ComparedPolicy, target: Column | None) -> int:
        """Give the number of a statement's shape, which is worked out when all columns are known."""
        key = (id(statement), id(limits), id(held.least), self.columns.add(target) if target else -1)
        if key not in self._told:
            own = dict(self._own(statement, target))
            strays = self.reach.strays(statement, [column for column, _ in own.items()])
            numbered = {self.columns.add(column): is_part for column, is_part in own.items()}
            is_open = held.is_open and statement not in held.least.statements
            self._told[key] = len(self._all_told)
            self._all_told.append(_Told(statement, limits, numbered, strays, is_open))
        return self._told[key]

    def _own(self, statement: Statement, target: Column | None) -> Iterator[tuple[Column, bool]]:
        """Give the columns that a statement names, and whether it means only a part of each."""
        named = [each for each in statement.resources if service_of_arn(each)]
        if target is not None:
            yield from ((Column(service_of_arn(each), each), False) for each in named)
            if not named:
                yield target, bool(statement.not_resources)
            return
        by_service: dict[str, list[str]] = {}
        for each in named:
            by_service.setdefault(service_of_arn(each), []).append(each)
        for service, texts in by_service.items():
            if len(texts) > MOST_RESOURCES:
                yield Column(service, EVERYTHING), True
            else:
                yield from ((Column(service, each), False) for each in texts)
        if len(named) < len(statement.resources) or statement.not_resources:
            yield from ((each, _is_part(statement)) for each in _of_everything(statement))

    # Shapes

    def _shape(self, told: _Told) -> Shape:
        found: dict[int, Levels] = {}
        for number, column in self._reached(told):
            levels = self.reach.levels(told.statement, column, told.limits)
            if number in told.own:
                levels = self._of_own(told, number, column, levels)
            if told.is_open:
                levels = at_most(levels, Certainty.UNSURE)
            if any(levels):
                found[number] = levels
        return tuple(found.items())

    def _of_own(self, told: _Told, number: int, column: Column, levels: Levels) -> Levels:
        if told.strays:
            more = self.reach.of_strays(told.strays, told.statement, column.text, told.limits)
            levels = joined(levels, more)
        return at_most(levels, Certainty.LIMITED) if told.own[number] else levels

    def _reached(self, told: _Told) -> Iterator[tuple[int, Column]]:
        """Give the columns that a statement names, and those that lie within one of its patterns."""
        by_number = self._by_number
        for number in dict.fromkeys((*told.own, *self.reach.within(told.statement))):
            if number in told.own or by_number[number] != OF_ALL_SERVICES:
                yield number, by_number[number]

    @cached_property
    def _by_number(self) -> list[Column]:
        """The columns, when all are there."""
        return list(self.columns.all)


def _denials(grants: Iterable[ComparedPolicy]) -> tuple[Statement, ...]:
    return tuple(each for held in grants for each in held.most.statements if each.effect is Effect.DENY)


def _is_part(statement: Statement) -> bool:
    return bool(statement.not_resources) or not any(covers(each, EVERYTHING) for each in statement.resources)


def _of_everything(statement: Statement) -> Iterator[Column]:
    """Give the columns of a statement on `*`: one a service, or one of all services."""
    services = {service_of(each) for each in statement.actions}
    is_plain = all(each and not set("*?") & set(each) for each in services)
    if not services or not is_plain or len(services) > MOST_SERVICES:
        yield OF_ALL_SERVICES
    else:
        yield from (Column(service, EVERYTHING) for service in sorted(services))
