"""Expiring statements: every Allow, never a Deny, and never later than the statement's own end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.policy.statement import Effect, Statement
from keywright.statements.conditions import deny_after, expire_statements, merge_conditions, until_condition
from tests.unit.statements.policy_checks import permits

days = st.dates(date(2026, 1, 1), date(2030, 1, 1))
moments = st.datetimes(datetime(2025, 12, 1), datetime(2030, 2, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001
END = date(2027, 1, 31)


def reading(*conditions, effect=Effect.ALLOW):
    return Statement(
        effect=effect, actions=("s3:GetObject",), resources=("*",), conditions=merge_conditions(*conditions)
    )


def at(moment, statements):
    return permits(statements, "s3:GetObject", "arn:aws:s3:::reports/x", aws_CurrentTime=moment.isoformat())


def ends(day):
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1)


@given(until=days, moment=moments)
def test_an_allow_expires_at_the_end_of_its_last_day(until, moment):
    assert at(moment, expire_statements([reading()], until)) == (moment < ends(until))


@given(until=days, own=days, moment=moments)
def test_a_statement_that_expires_keeps_the_earlier_day(until, own, moment):
    assert at(moment, expire_statements([reading(until_condition(own))], until)) == (
        moment < ends(min(until, own))
    )


@given(until=days, moment=moments)
def test_a_deny_does_not_expire(until, moment):
    everything = Statement(actions=("*",), resources=("*",))
    denied = reading(effect=Effect.DENY)
    assert expire_statements([denied], until) == (denied,)
    assert not at(moment, [everything, *expire_statements([denied], until)])


@given(until=days, moment=moments)
def test_an_expired_identity_is_denied_everything(until, moment):
    assert at(moment, [reading(), deny_after(until)]) == (moment < ends(until))


def test_other_conditions_stay():
    statement = reading(
        {"Bool": {"aws:MultiFactorAuthPresent": ("true",)}}, {"DateLessThan": {"s3:x": ("2027-01-01",)}}
    )
    (bound,) = expire_statements([statement], END)
    assert bound.conditions == {
        "Bool": {"aws:MultiFactorAuthPresent": ("true",)},
        "DateLessThan": {"s3:x": ("2027-01-01",), "aws:CurrentTime": ("2027-02-01T00:00:00Z",)},
    }


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        pytest.param(("2027-01-01T00:00:00Z",), "2027-01-01T00:00:00Z", id="earlier"),
        pytest.param(
            ("2026-01-01", "2028-01-01T00:00:00Z"),
            "2027-02-01T00:00:00Z",
            id="alternatives: the later counts",
        ),
        pytest.param(("2027-01-31T23:30:00-01:00",), "2027-02-01T00:00:00Z", id="another zone"),
        pytest.param(("1767225600",), "1767225600", id="seconds since 1970"),
    ],
)
def test_the_earlier_day_counts_in_any_format(values, kept):
    (bound,) = expire_statements([reading({"DateLessThan": {"AWS:currenttime": values}})], END)
    assert bound.conditions == {"DateLessThan": {"aws:CurrentTime": (kept,)}}
