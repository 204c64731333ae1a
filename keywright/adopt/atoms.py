"""Statements taken apart: one action on one resource under some conditions, until a day.

A policy that Keywright deploys merges the statements of several grants, and people write several grants into one statement.
Taken apart, both are the same set.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from keywright.policy.compaction import is_plain
from keywright.policy.statement import Effect, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.statement import Conditions

Tests = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Conditions as a value: operator, key and sorted values, sorted."""
_MIDNIGHT = re.compile(r"(20\d\d-\d\d-\d\d)T00:00:00Z")
_END = ("DateLessThan", "aws:currenttime")


class Atom(NamedTuple):
    """One action, in lower case, on one resource."""

    action: str
    resource: str
    tests: Tests
    until: date | None


def tests_of(conditions: Conditions) -> Tests:
    """Give conditions as a value; IAM ignores the case of keys."""
    return tuple(
        sorted(
            (operator, key.lower(), tuple(sorted(set(values))))
            for operator, keys in conditions.items()
            for key, values in keys.items()
        )
    )


def split_end(statement: Statement) -> tuple[Statement, date | None]:
    """Give a statement without the condition that ends it after a whole day in UTC, and that day."""
    for operator, keys in statement.conditions.items():
        for key, values in keys.items():
            if (operator, key.lower()) != _END or len(values) != 1:
                continue
            found = _MIDNIGHT.fullmatch(values[0])
            if found is None:
                continue
            others = {name: tests for name, tests in keys.items() if name != key}
            rest = {name: tests for name, tests in statement.conditions.items() if name != operator}
            conditions = {**rest, **({operator: others} if others else {})}
            return replace(statement, conditions=conditions), date.fromisoformat(found[1]) - timedelta(days=1)
    return statement, None


def atoms_of(statement: Statement) -> frozenset[Atom]:
    """Take an Allow statement apart; one that names what it does not cover has no atoms."""
    if (
        statement.effect is Effect.DENY
        or not statement.knows_variables
        or not is_plain(replace(statement, sid=""))
    ):
        return frozenset()
    plain, until = split_end(statement)
    tests = tests_of(plain.conditions)
    return frozenset(
        Atom(action.lower(), resource, tests, until)
        for action in statement.actions
        for resource in statement.resources
    )


def all_atoms(statements: Iterable[Statement]) -> frozenset[Atom]:
    """Take several statements apart."""
    return frozenset(atom for each in statements for atom in atoms_of(each))


def restricted(statement: Statement, atoms: frozenset[Atom]) -> Iterator[Statement]:
    """Give the parts of a statement that these atoms are: one statement for each resource."""
    plain, until = split_end(statement)
    tests = tests_of(plain.conditions)
    for resource in statement.resources:
        actions = tuple(
            each for each in statement.actions if Atom(each.lower(), resource, tests, until) in atoms
        )
        if actions:
            yield replace(statement, actions=actions, resources=(resource,))
