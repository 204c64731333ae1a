"""The access map: who can access which resource, by access level, for one snapshot.

It shows what policies allow: inline, group and managed ones, after Deny statements and the boundary, and resource-based
policies and trust policies. Not covered: what a resource-based policy denies to principals that
their own policies allow, and whether a role's trust policy allows those that their own policies allow to assume it.
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
    LevelFinder,
    Levels,
    Limits,
    cap_levels,
    merge_levels,
    services_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.policy.statement import Statement
    from keywright.review.comparison.resources import Target
    from keywright.review.comparison.snapshot import ComparedPolicy, IdentityAccess, Snapshot


ANYONE = "*"
EXTERNAL = "outside"
_NAMES = {"AWS": "", "Service": "service ", "Federated": "federated by ", "CanonicalUser": "canonical user "}
_ACCOUNT_NUMBER = re.compile(r"\d{12}")


@dataclass(frozen=True, eq=False)
class ResourceGrant:
    """A statement of a resource-based policy or trust policy. `who` is an ARN, or the principal as written."""

    who: str
    name: str
    kind: str
    target: Column
    statement: Statement
    policy: ComparedPolicy
    denials: tuple[Statement, ...]


def resource_grants(snapshot: Snapshot) -> Iterator[ResourceGrant]:
    """Yield all of them: of resources, then of roles."""
    for target, shared in policies_by_resource(snapshot).items():
        yield from _of(column_of(target), shared)
    for identity in snapshot.identities.values():
        yield from _of(Column("iam", identity.arn), identity.trust)


def column_of(target: Target) -> Column:
    """Give the column of a resource with a policy."""
    kind, name = target
    service = service_of_arn(name) or kind.partition("::")[0].lower()
    return Column(service, name or f"<{kind}>")


def _of(target: Column, shared: Iterable[ComparedPolicy]) -> Iterator[ResourceGrant]:
    shared = tuple(shared)
    denials = tuple(
        each
        for policy in shared
        for each in policy.most.statements
        # Only a Deny for everyone limits every row; one for some principals would be drawn for others too.
        if each.effect is Effect.DENY and "*" in each.principals
    )
    for policy in shared:
        for statement in policy.most.statements:
            if statement.effect is Effect.ALLOW:
                for who, name in principal_names(statement.principals, statement.not_principals):
                    yield ResourceGrant(who, name, EXTERNAL, target, statement, policy, denials)


def principal_names(
    principals: Mapping[str, Iterable[str]], not_principals: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, str]]:
    """Yield the principals of a statement: a key for the row, and a display name."""
    if not_principals:
        texts = ", ".join(text for each in not_principals.values() for text in each)
        yield f"not {texts}", f"anyone except {texts}"
    for kind, several in principals.items():
        for text in several:
            yield (ANYONE, "anyone") if text == ANYONE else _one(kind, text)


def _one(kind: str, text: str) -> tuple[str, str]:
    who = principal(text)
    if kind == "AWS" and (who.kind is PrincipalKind.ROOT or _ACCOUNT_NUMBER.fullmatch(text)):
        account = who.account or text
        return f"account {account}", f"account {account}"
    arn = Arn.parse(text) if kind == "Federated" else None
    return text, f"{_NAMES.get(kind, '')}{arn.resource if arn else text}"


MOST_SERVICES = 12
"""A statement on `*` gets one column per service, up to this number; else one column."""
MOST_RESOURCES = 12
"""A statement gets one column per resource of a service, up to this number; else the service's column."""

OF_ALL_SERVICES = Column("", EVERYTHING)
Shape = tuple[tuple[int, Levels], ...]
"""The levels of one statement by column number. Principals with the same statement share it."""


@dataclass
class Row:
    """A principal of the map. `marks` has the changes of a review by column."""

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
    """The levels that are gained and lost in a cell."""

    gained: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


@dataclass
class AccessMap:
    """The rows, their shared shapes, and the columns."""

    columns: Columns
    shapes: list[Shape] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    """By ARN, or by the principal as a policy writes it; a principal that is declared twice has two rows."""

    @cached_property
    def by_name(self) -> dict[str, list[Row]]:
        """The rows by display name."""
        found: dict[str, list[Row]] = {}
        for row in self.rows.values():
            found.setdefault(row.name, []).append(row)
        return found

    def cells(self, row: Row) -> dict[int, Levels]:
        """Give the cells of a row that are not empty."""
        found: dict[int, Levels] = {}
        for shape in row.shapes:
            for column, levels in self.shapes[shape]:
                found[column] = merge_levels(found.get(column, NOTHING), levels)
        return found

    @property
    def unsure(self) -> list[Row]:
        """The rows with something undecided."""
        return [row for row in self.rows.values() if row.doubts or self._has_unsure(row)]

    def _has_unsure(self, row: Row) -> bool:
        return any(Certainty.UNSURE in levels for levels in self.cells(row).values())


def access_map(snapshot: Snapshot, others: Iterable[Column] = ()) -> AccessMap:
    """Build the map of one snapshot; `others` are columns to add, which nobody may have access to any more."""
    return _MapBuilder(snapshot).build(others)


@dataclass
class _MappedStatement:
    """An Allow statement, its limits, and the columns that it names."""

    statement: Statement
    limits: Limits
    own: Mapping[int, bool]
    """The columns by number, and whether only a part of the column is meant."""
    unmatched_actions: tuple[str, ...]
    is_unresolved: bool


class _MapBuilder:
    """Builds one map. All statements are added first, because the levels depend on all columns."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.external_grants = tuple(resource_grants(snapshot))
        # Columns for `*` list the actions of the services in use: all 20,000 actions would be evaluated for
        # each statement.
        self.columns = Columns(services_in(self._statements()))
        self.level_finder = LevelFinder(self.columns)
        self.map = AccessMap(self.columns)
        self._limits: dict[tuple[object, ...], Limits] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._mapped: list[_MappedStatement] = []

    def _statements(self) -> Iterator[Statement]:
        for identity in self.snapshot.identities.values():
            for policy in identity.grants:
                yield from policy.most.statements
        for each in self.external_grants:
            yield each.statement

    def build(self, others: Iterable[Column]) -> AccessMap:
        for key, identity in self.snapshot.identities.items():
            self.map.rows[key] = self._row(identity)
        for each in self.external_grants:
            self._add_external_grant(each)
        for column in others:
            self.columns.add(column)
        self.map.shapes = [self._shape(each) for each in self._mapped]
        return self.map

    def _row(self, identity: IdentityAccess) -> Row:
        limits = self._limits_of(identity)
        shapes = (
            self._add_statement(statement, limits, policy, None)
            for policy in identity.grants
            for statement in policy.most.statements
            if statement.effect is Effect.ALLOW
        )
        return Row(
            identity.name,
            identity.arn,
            str(identity.kind),
            tuple(dict.fromkeys(shapes)),
            identity.groups,
            doubts_of(identity),
        )

    def _limits_of(self, identity: IdentityAccess) -> Limits:
        denials = _denials(identity.grants)
        boundary = identity.boundary
        is_unsure = bool(identity.unresolved_boundary or (identity.boundary_arn and boundary is None))
        # Principals with the same limits share the object, which caches how each column relates to them.
        key = (*map(id, denials), boundary.fingerprint if boundary else "", is_unsure)
        if key not in self._limits:
            statements = boundary.most.statements if boundary else None
            self._limits[key] = Limits(denials, statements, is_unsure)
        return self._limits[key]

    def _add_external_grant(self, each: ResourceGrant) -> None:
        row = self.map.rows.setdefault(each.who, Row(each.name, each.who, each.kind))
        key = ("invited", *map(id, each.denials))
        limits = self._limits.setdefault(key, Limits(each.denials))
        shape = self._add_statement(each.statement, limits, each.policy, each.target)
        row.shapes = tuple(dict.fromkeys((*row.shapes, shape)))

    # Statements

    def _add_statement(
        self, statement: Statement, limits: Limits, policy: ComparedPolicy, target: Column | None
    ) -> int:
        """Give the number of a statement's shape, which is computed when all columns are known."""
        key = (id(statement), id(limits), id(policy.least), self.columns.add(target) if target else -1)
        if key not in self._numbers:
            own = dict(self._own(statement, target))
            unmatched_actions = self.level_finder.unmatched_actions(
                statement, [column for column, _ in own.items()]
            )
            numbered = {self.columns.add(column): is_part for column, is_part in own.items()}
            # A statement that the least reading has too is certain, although other parts of its policy are
            # not.
            is_unresolved = policy.is_unresolved and statement not in policy.least.statements
            self._numbers[key] = len(self._mapped)
            self._mapped.append(
                _MappedStatement(statement, limits, numbered, unmatched_actions, is_unresolved)
            )
        return self._numbers[key]

    def _own(self, statement: Statement, target: Column | None) -> Iterator[tuple[Column, bool]]:
        """Yield the columns that a statement names, and whether it means only a part of each."""
        principal_names = [each for each in statement.resources if service_of_arn(each)]
        if target is not None:
            yield from ((Column(service_of_arn(each), each), False) for each in principal_names)
            if not principal_names:
                yield target, bool(statement.not_resources)
            return
        by_service: dict[str, list[str]] = {}
        for each in principal_names:
            by_service.setdefault(service_of_arn(each), []).append(each)
        for service, texts in by_service.items():
            if len(texts) > MOST_RESOURCES:
                yield Column(service, EVERYTHING), True
            else:
                yield from ((Column(service, each), False) for each in texts)
        if len(principal_names) < len(statement.resources) or statement.not_resources:
            yield from ((each, _is_part(statement)) for each in _of_everything(statement))

    # Shapes

    def _shape(self, mapped: _MappedStatement) -> Shape:
        found: dict[int, Levels] = {}
        for number, column in self._reached(mapped):
            levels = self.level_finder.levels(mapped.statement, column, mapped.limits)
            if number in mapped.own:
                levels = self._own_levels(mapped, number, column, levels)
            if mapped.is_unresolved:
                levels = cap_levels(levels, Certainty.UNSURE)
            if any(levels):
                found[number] = levels
        return tuple(found.items())

    def _own_levels(self, mapped: _MappedStatement, number: int, column: Column, levels: Levels) -> Levels:
        if mapped.unmatched_actions:
            more = self.level_finder.levels_of_unmatched(
                mapped.unmatched_actions, mapped.statement, column.text, mapped.limits
            )
            levels = merge_levels(levels, more)
        return cap_levels(levels, Certainty.LIMITED) if mapped.own[number] else levels

    def _reached(self, mapped: _MappedStatement) -> Iterator[tuple[int, Column]]:
        """Yield the columns that a statement names, and those within its patterns."""
        by_number = self._by_number
        for number in dict.fromkeys((*mapped.own, *self.level_finder.within(mapped.statement))):
            # A statement about one service is not repeated in the column for all services.
            if number in mapped.own or by_number[number] != OF_ALL_SERVICES:
                yield number, by_number[number]

    @cached_property
    def _by_number(self) -> list[Column]:
        """The columns, when all were added."""
        return list(self.columns.all)


def _denials(grants: Iterable[ComparedPolicy]) -> tuple[Statement, ...]:
    return tuple(each for policy in grants for each in policy.most.statements if each.effect is Effect.DENY)


def _is_part(statement: Statement) -> bool:
    return bool(statement.not_resources) or not any(covers(each, EVERYTHING) for each in statement.resources)


def _of_everything(statement: Statement) -> Iterator[Column]:
    """Yield the columns of a statement on `*`: one per service, or one for all services."""
    services = {service_of(each) for each in statement.actions}
    is_plain = all(each and not set("*?") & set(each) for each in services)
    if not services or not is_plain or len(services) > MOST_SERVICES:
        yield OF_ALL_SERVICES
    else:
        yield from (Column(service, EVERYTHING) for service in sorted(services))
