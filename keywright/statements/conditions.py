"""Conditions that statements share: time bounds, external IDs, MFA, tags."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Effect, Statement
from keywright.reporting.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.policy.statement import Conditions


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


def merge_conditions(*conditions: Conditions) -> Conditions:
    """Ask for all of these at once; the blocks of one operator are merged, no key may come twice in it."""
    together: dict[str, dict[str, tuple[str, ...]]] = {}
    for condition in conditions:
        for operator, keys in condition.items():
            together.setdefault(operator, {}).update(keys)
    return together


def expire_statements(statements: Iterable[Statement], until: date) -> tuple[Statement, ...]:
    """Let every Allow end with its last day, and every Deny go on.

    A statement that ends by itself keeps the earlier end: two dates under one key would be alternatives, and the later
    would win ("Conditions with multiple context keys or values", IAM User Guide).
    """
    return tuple(
        statement if statement.effect is Effect.DENY else _ending(statement, until)
        for statement in statements
    )


def deny_after(until: date) -> Statement:
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
    return replace(statement, conditions=merge_conditions(kept, end))


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


_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")


def external_id_condition(external_id: str) -> Conditions:
    """Ask for what software sends with `sts:AssumeRole`.

    Raises:
        ValueError: Nothing that STS takes.
    """
    if not _EXTERNAL_ID.fullmatch(external_id):
        raise refusal(
            "an external ID is malformed",
            found=f"{len(external_id)} characters",
            accepted="2 to 1,224 letters, digits and `_+=,.@:/-`",
        )
    return {"StringEquals": {"sts:ExternalId": (external_id,)}}


LONGEST_MFA_AGE = 129_600
"""Seconds that a session of GetSessionToken may last ("GetSessionToken", AWS STS API Reference): no factor is older."""


def mfa_condition(within_seconds: int) -> Conditions:
    """Ask for a second factor used at most so many seconds ago.

    `Bool`, not `BoolIfExists`: with long-term keys the key is absent, and absent is not used ("AWS global condition
    context keys", IAM User Guide). Sessions of roles carry neither key, so this also keeps out role chaining.

    Raises:
        ValueError: Not a time that a factor's age can be.
    """
    if not 0 < within_seconds <= LONGEST_MFA_AGE:
        raise refusal(
            "a second factor is asked for within a time",
            found=f"`{within_seconds}` seconds",
            accepted=f"1 to {LONGEST_MFA_AGE}",
        )
    return {
        "Bool": {"aws:MultiFactorAuthPresent": ("true",)},
        "NumericLessThan": {"aws:MultiFactorAuthAge": (str(within_seconds),)},
    }


USER_NAME_VARIABLE = "${aws:username}"
"""The name of a user who asks; no session of a role has one, and there nothing matches."""
_KEY = re.compile(r"[A-Za-z0-9_.:/=+@-]{1,128}")
_VALUE = re.compile(r"[^*?$\x00-\x1f\x7f]{1,256}")


def principal_tag(key: str) -> str:
    """Give the variable that stands for a tag of who asks ("IAM policy elements: Variables and tags", IAM User Guide).

    Where the tag is missing nothing matches. In a session it is the role's tag, or the session's where the role's trust
    lets one be passed.

    Raises:
        ValueError: A key that no variable can name.
    """
    return f"${{aws:PrincipalTag/{_checked(key)}}}"


def resource_tag_condition(key: str, value: str | None = None) -> Conditions:
    """Ask for a tag of the resource with this value; without one, with the value that who asks has under the same key.

    Raises:
        ValueError: A key that no condition can name, or a value that could be more than itself.
    """
    wanted = principal_tag(key) if value is None else _literal(value)
    return {"StringEquals": {f"aws:ResourceTag/{_checked(key)}": (wanted,)}}


def principal_tag_condition(key: str, value: str) -> Conditions:
    """Ask for a tag of who asks with this value.

    Raises:
        ValueError: A key that no condition can name, or a value that could be more than itself.
    """
    return {"StringEquals": {f"aws:PrincipalTag/{_checked(key)}": (_literal(value),)}}


def has_resource_tag_condition(statement: Statement) -> bool:
    """Tell whether a tag of the resource decides."""
    return any(
        key.lower().startswith("aws:resourcetag/") for key in statement.conditions.get("StringEquals", {})
    )


def _literal(value: str) -> str:
    if not _VALUE.fullmatch(value):
        raise refusal(
            "a tag's value is taken literally",
            found=f"`{value}`",
            accepted="1 to 256 characters without `*`, `?`, `$`",
        )
    return value


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise refusal(
            "a tag that decides is named by its key",
            found=f"`{key}`",
            accepted="1 to 128 letters, digits and `_.:/=+@-`",
        )
    return key
