"""Conditions in words: known keys have their own words, others are named, none is left out."""

from __future__ import annotations

from typing import Any

import pytest

from keywright.policy.conditions import NAMES
from keywright.policy.statement import Statement
from keywright.review.comparison.conditions import describe_conditions

SAID = {
    "with MFA": {"Bool": {"aws:MultiFactorAuthPresent": ("true",)}},
    "without MFA, or if the request does not say": {
        "BoolIfExists": {"aws:MultiFactorAuthPresent": ("false",)}
    },
    "with MFA used within the last 1 hour": {"NumericLessThan": {"aws:MultiFactorAuthAge": ("3600",)}},
    "with MFA used within the last 90 seconds": {"NumericLessThan": {"aws:MultiFactorAuthAge": ("90",)}},
    "with TLS": {"Bool": {"aws:SecureTransport": ("true",)}},
    "before 2027-02-01T00:00:00Z": {"DateLessThan": {"aws:CurrentTime": ("2027-02-01T00:00:00Z",)}},
    "if the caller's address is within 192.0.2.0/24 or 198.51.100.0/24": {
        "IpAddress": {"aws:SourceIp": ("192.0.2.0/24", "198.51.100.0/24")}
    },
    "if the region is not us-east-1": {"StringNotEquals": {"aws:RequestedRegion": ("us-east-1",)}},
    "if s3:ExistingObjectTag/team is like a*": {"StringLike": {"s3:ExistingObjectTag/team": ("a*",)}},
    "if every value of aws:TagKeys is a, or aws:TagKeys is absent": {
        "ForAllValues:StringEquals": {"aws:TagKeys": ("a",)}
    },
    "if some value of aws:TagKeys is a": {"ForAnyValue:StringEquals": {"aws:TagKeys": ("a",)}},
    "if aws:TokenIssueTime is absent": {"Null": {"aws:TokenIssueTime": ("true",)}},
    "if StringSounds aws:username bob, an unknown operator": {"StringSounds": {"aws:username": ("bob",)}},
    "with MFA and if the user's name is bob": {
        "Bool": {"aws:MultiFactorAuthPresent": ("true",)},
        "StringEquals": {"aws:username": ("bob",)},
    },
    "": {},
}


@pytest.mark.parametrize(("said", "conditions"), SAID.items(), ids=SAID)
def test_says(said: str, conditions: Any) -> None:
    assert describe_conditions(Statement(conditions=conditions)) == said


@pytest.mark.parametrize("operator", NAMES)
@pytest.mark.parametrize("form", ["{}", "{}IfExists", "ForAllValues:{}", "ForAnyValue:{}IfExists"])
def test_no_condition_is_left_out(operator: str, form: str) -> None:
    said = describe_conditions(
        Statement(conditions={form.format(operator): {"x:Key": ("value-1", "value-2")}})
    )
    assert "x:Key" in said
    assert operator == "Null" or ("value-1" in said and "value-2" in said)
