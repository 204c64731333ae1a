"""Conditions that statements share: time bounds, external IDs, MFA, tags."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Effect, Statement
from keywright.reporting.text import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable


_BEFORE = "DateLessThan"
_NOT_BEFORE = "DateGreaterThanEquals"
_NOW = "aws:CurrentTime"


def until_condition(until: date | None) -> Conditions:
    """Restrict a statement to requests until the end of this day, in UTC; without a day, no condition.

    `aws:CurrentTime` is in every request ("AWS global condition context keys", IAM User Guide), so an Allow with this
    condition needs no `IfExists`.
    """
    if until is None:
        return {}
    return {_BEFORE: {_NOW: (_day_after(until),)}}


def since_condition(since: date | None) -> Conditions:
    """Restrict a statement to requests from the beginning of this day, in UTC; without a day, no condition."""
    if since is None:
        return {}
    return {_NOT_BEFORE: {_NOW: (f"{since.isoformat()}T00:00:00Z",)}}


def merge_conditions(*conditions: Conditions) -> Conditions:
    """Require all of these conditions; no operator can have the same key twice."""
    together: dict[str, dict[str, tuple[str, ...]]] = {}
    for condition in conditions:
        for operator, keys in condition.items():
            together.setdefault(operator, {}).update(keys)
    return together


def expire_statements(statements: Iterable[Statement], until: date) -> tuple[Statement, ...]:
    """Let every Allow expire after this day; a Deny stays.

    A statement that expires by itself keeps the earlier day: two dates under one key would be alternatives, of which the
    later one decides ("Conditions with multiple context keys or values", IAM User Guide).
    """
    return tuple(
        statement if statement.effect is Effect.DENY else _with_end(statement, until)
        for statement in statements
    )


def deny_after(until: date) -> Statement:
    """Deny everything after this day, in UTC, for an identity that expires."""
    return Statement(
        effect=Effect.DENY,
        actions=("*",),
        resources=("*",),
        conditions={_NOT_BEFORE: {_NOW: (_day_after(until),)}},
        sid="Ended",
    )


def deny_everything() -> Statement:
    """Deny everything, for an identity that is retired but not deleted yet."""
    return Statement(effect=Effect.DENY, actions=("*",), resources=("*",), sid="Retiring")


def _with_end(statement: Statement, until: date) -> Statement:
    ends = [*_own_ends(statement.conditions), _day_after(until)]
    others: Conditions = {
        operator: {key: values for key, values in keys.items() if not _is_end(operator, key)}
        for operator, keys in statement.conditions.items()
    }
    end: Conditions = {_BEFORE: {_NOW: (min(ends, key=_moment),)}}
    kept: Conditions = {operator: keys for operator, keys in others.items() if keys}
    return replace(statement, conditions=merge_conditions(kept, end))


def _own_ends(conditions: Conditions) -> list[str]:
    """List when a statement itself expires; of alternatives under one key the latest one decides."""
    return [
        max(values, key=_moment)
        for operator, keys in conditions.items()
        for key, values in keys.items()
        if _is_end(operator, key)
    ]


def _is_end(operator: str, key: str) -> bool:
    # Names of condition keys are not case-sensitive. Other operators on the time stay, because all operators
    # must match.
    return operator == _BEFORE and key.casefold() == _NOW.casefold()


def _day_after(until: date) -> str:
    return f"{until + timedelta(days=1)}T00:00:00Z"


def _moment(text: str) -> datetime:
    # IAM also accepts seconds since 1970 ("IAM JSON policy elements: Condition operators", IAM User Guide).
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    moment = datetime.fromisoformat(text)
    # A date without a time zone cannot be compared with one that has one.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# The form that STS accepts ("AssumeRole", AWS STS API Reference).
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")


def external_id_condition(external_id: str) -> Conditions:
    """Require the external ID that software sends with `sts:AssumeRole`.

    Raises:
        ValueError: STS would refuse it.
    """
    if not _EXTERNAL_ID.fullmatch(external_id):
        raise refusal(
            "an external ID is malformed",
            found=f"{len(external_id)} characters",
            accepted="2 to 1,224 letters, digits and `_+=,.@:/-`",
        )
    return {"StringEquals": {"sts:ExternalId": (external_id,)}}


LONGEST_MFA_AGE = 129_600
"""Seconds that a session of GetSessionToken lasts at most ("GetSessionToken", AWS STS API Reference): no MFA is older."""


def mfa_condition(within_seconds: int) -> Conditions:
    """Require MFA that was used at most so many seconds ago.

    `Bool`, not `BoolIfExists`: requests with long-term keys do not have the key ("AWS global condition context keys", IAM
    User Guide). Role sessions have neither key, so this also refuses role chaining.

    Raises:
        ValueError: No MFA can have this age.
    """
    if not 0 < within_seconds <= LONGEST_MFA_AGE:
        raise refusal(
            "the age of MFA is out of range",
            found=f"`{within_seconds}` seconds",
            accepted=f"1 to {LONGEST_MFA_AGE}",
        )
    return {
        "Bool": {"aws:MultiFactorAuthPresent": ("true",)},
        "NumericLessThan": {"aws:MultiFactorAuthAge": (str(within_seconds),)},
    }


USER_NAME_VARIABLE = "${aws:username}"
"""The policy variable for the requesting user's name; in a role session it has no value, and nothing matches."""
_KEY = re.compile(r"[A-Za-z0-9_.:/=+@-]{1,128}")
_VALUE = re.compile(r"[^*?$\x00-\x1f\x7f]{1,256}")


def principal_tag(key: str) -> str:
    """Give the policy variable for a principal tag ("IAM policy elements: Variables and tags", IAM User Guide).

    Without the tag nothing matches. In a session it is the role's tag, or the session tag if the trust policy allows
    passing one.

    Raises:
        ValueError: A policy variable cannot contain the key.
    """
    return f"${{aws:PrincipalTag/{_checked(key)}}}"


def resource_tag_condition(key: str, value: str | None = None) -> Conditions:
    """Require a resource tag with this value or, without a value, with that of the principal tag with the same key.

    Raises:
        ValueError: A condition cannot contain the key, or the value would match more than itself.
    """
    wanted = principal_tag(key) if value is None else _literal(value)
    return {"StringEquals": {f"aws:ResourceTag/{_checked(key)}": (wanted,)}}


def principal_tag_condition(key: str, value: str) -> Conditions:
    """Require a principal tag with this value.

    Raises:
        ValueError: A condition cannot contain the key, or the value would match more than itself.
    """
    return {"StringEquals": {f"aws:PrincipalTag/{_checked(key)}": (_literal(value),)}}


def has_resource_tag_condition(statement: Statement) -> bool:
    """Tell whether a statement requires a resource tag."""
    return any(
        key.lower().startswith("aws:resourcetag/") for key in statement.conditions.get("StringEquals", {})
    )


def _literal(value: str) -> str:
    if not _VALUE.fullmatch(value):
        raise refusal(
            "a tag's value is compared literally",
            found=f"`{value}`",
            accepted="1 to 256 characters without `*`, `?`, `$`",
        )
    return value


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise refusal(
            "the key of a tag is malformed",
            found=f"`{key}`",
            accepted="1 to 128 letters, digits and `_.:/=+@-`",
        )
    return key
