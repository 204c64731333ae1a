"""The end of a grant as a condition of its statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Effect, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

_BEFORE = "DateLessThan"
_NOT_BEFORE = "DateGreaterThanEquals"
_NOW = "aws:CurrentTime"


def until_condition(until: date | None) -> Conditions:
    """Let a statement hold to the end of its last day, in UTC; no date, no condition.

    `aws:CurrentTime` is part of every request ("AWS global condition context keys", IAM User Guide), so that an
    Allow with this condition needs no `IfExists`.
    """
    if until is None:
        return {}
    return {_BEFORE: {_NOW: (_day_after(until),)}}


def since_condition(since: date | None) -> Conditions:
    """Let a statement hold from the beginning of its first day, in UTC; no date, no condition."""
    if since is None:
        return {}
    return {_NOT_BEFORE: {_NOW: (f"{since.isoformat()}T00:00:00Z",)}}


def joined(*conditions: Conditions) -> Conditions:
    """Ask for all of these at once; the blocks of one operator are merged, no key may come twice in it."""
    together: dict[str, dict[str, tuple[str, ...]]] = {}
    for condition in conditions:
        for operator, keys in condition.items():
            together.setdefault(operator, {}).update(keys)
    return together


def bounded(statements: Iterable[Statement], until: date) -> tuple[Statement, ...]:
    """Let every Allow end with its last day, and every Deny go on.

    A statement that ends by itself keeps the earlier end: two dates under one key would be alternatives, and the later
    would win ("Conditions with multiple context keys or values", IAM User Guide).
    """
    return tuple(
        statement if statement.effect is Effect.DENY else _ending(statement, until)
        for statement in statements
    )


def denied_after(until: date) -> Statement:
    """Deny everything once the last day is over, in UTC: how a whole identity ends on a day."""
    return Statement(
        effect=Effect.DENY,
        actions=("*",),
        resources=("*",),
        conditions={_NOT_BEFORE: {_NOW: (_day_after(until),)}},
        sid="Ended",
    )


def _ending(statement: Statement, until: date) -> Statement:
    ends = [*_own_ends(statement.conditions), _day_after(until)]
    others: Conditions = {
        operator: {key: values for key, values in keys.items() if not _is_end(operator, key)}
        for operator, keys in statement.conditions.items()
    }
    end: Conditions = {_BEFORE: {_NOW: (min(ends, key=_moment),)}}
    kept: Conditions = {operator: keys for operator, keys in others.items() if keys}
    return replace(statement, conditions=joined(kept, end))


def _own_ends(conditions: Conditions) -> list[str]:
    """List when a statement itself ends; of alternatives under one key the latest is what holds."""
    return [
        max(values, key=_moment)
        for operator, keys in conditions.items()
        for key, values in keys.items()
        if _is_end(operator, key)
    ]


def _is_end(operator: str, key: str) -> bool:
    return operator == _BEFORE and key.casefold() == _NOW.casefold()


def _day_after(until: date) -> str:
    return f"{until + timedelta(days=1)}T00:00:00Z"


def _moment(text: str) -> datetime:
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
