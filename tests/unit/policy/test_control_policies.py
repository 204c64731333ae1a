"""Control policies as AWS Organizations takes them: each refusal at its line."""

from __future__ import annotations

import json

import pytest

from keywright.policy.parsing.control_policies import LONGEST, Control, read_control_policy

DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
ALL = {"Principal": "*"}


def findings(control, *statements):
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=1)
    return [str(each) for each in read_control_policy(text, "x.json", control)[1]]


@pytest.mark.parametrize(
    ("control", "statement"),
    [
        pytest.param(Control.SERVICE, DENY, id="a denial"),
        pytest.param(Control.SERVICE, {"Effect": "Allow", "Action": "*", "Resource": "*"}, id="an allowance"),
        pytest.param(
            Control.SERVICE,
            {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::x"},
            id="exceptions",
        ),
        pytest.param(Control.RESOURCE, DENY | ALL, id="a resource denial"),
        pytest.param(Control.RESOURCE, DENY | {"Principal": {"AWS": "*"}}, id="every principal, in full"),
    ],
)
def test_takes(control, statement):
    assert findings(control, statement) == []


@pytest.mark.parametrize(
    ("control", "statement", "said"),
    [
        pytest.param(Control.SERVICE, DENY | ALL, "x.json:", id="a principal"),
        pytest.param(
            Control.RESOURCE,
            DENY | ALL | {"Effect": "Allow"},
            "x.json:5:14: a resource control policy has an Allow statement; found `Allow`; accepted: `Deny` statements only",
            id="a resource allowance",
        ),
        pytest.param(
            Control.RESOURCE,
            DENY | {"Principal": {"AWS": "111111111111"}},
            "a resource control policy is not for every principal",
            id="one account",
        ),
        pytest.param(
            Control.RESOURCE,
            {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"} | ALL,
            "a resource control policy uses `NotAction`; found `NotAction`; accepted: `Action`",
            id="what it is not about",
        ),
        pytest.param(Control.SERVICE, DENY | {"Effect": "deny"}, "x.json:5:", id="a misspelled effect"),
    ],
)
def test_refuses(control, statement, said):
    found = findings(control, statement)
    assert found
    assert said in found[0]


def test_counts_the_size_without_white_space():
    value = ["a" * 100] * 50
    (found,) = findings(Control.SERVICE, DENY | {"Condition": {"StringEquals": {"aws:username": value}}})
    assert found.startswith("x.json:1:1: a service control policy is too long; found 5,")
    assert f"at most {LONGEST:,}" in found


def test_refuses_an_invalid_document():
    document, found = read_control_policy("{", "x.json", Control.SERVICE)
    assert document is None
    assert found
