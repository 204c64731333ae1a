"""Names and conditions match as the IAM User Guide's "IAM JSON policy elements reference" documents."""

import pytest

from keywright.sandbox.patches.authorization import patterns
from keywright.sandbox.patches.authorization.conditions import UnknownOperator, met
from keywright.sandbox.patches.authorization.patterns import Unresolved, arn_matches, matches

REQUEST = {
    "aws:username": "alice",
    "aws:principaltag/team": "a*b",
    "s3:prefix": "home/alice/",
    "aws:multifactorauthpresent": "true",
    "aws:currenttime": "2026-11-24T12:00:00Z",
    "aws:sourceip": "127.0.0.1",
    "aws:tagkeys": ["a", "b"],
    "n": "5",
    "arn": "arn:aws:iam::111111111111:user/access/alice",
}


def resolve(key):
    return REQUEST.get(key.lower())


def lookup(key):
    return REQUEST.get(key.lower())


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        pytest.param("*", "arn:aws:s3:::a/b", True, id="everything"),
        pytest.param("arn:aws:s3:::a/*", "arn:aws:s3:::a/b/c", True, id="the rest is one text"),
        pytest.param("arn:aws:s3:::a/*", "arn:aws:s3:::a", False, id="the slash counts"),
        pytest.param("arn:aws:*:::a", "arn:aws:s3:::a", True, id="a whole field"),
        pytest.param(
            "arn:aws:iam:*:user/a", "arn:aws:iam::111111111111:user/a", False, id="not across fields"
        ),
        pytest.param("arn:aws:iam::*:user/a", "arn:aws:iam::111111111111:user/a", True, id="any account"),
        pytest.param("arn:aws:s3", "arn:aws:s3:::a/b", True, id="an incomplete one is completed"),
        pytest.param("arn:aws:s3:::A", "arn:aws:s3:::a", False, id="case counts"),
        pytest.param("arn:aws:s3:::a/?", "arn:aws:s3:::a/bc", False, id="one character"),
        pytest.param("arn:aws:s3:::a/${aws:username}/*", "arn:aws:s3:::a/alice/x", True, id="a variable"),
        pytest.param(
            "arn:aws:s3:::a/${aws:PrincipalTag/team}", "arn:aws:s3:::a/a*b", True, id="its value is literal"
        ),
        pytest.param(
            "arn:aws:s3:::a/${aws:PrincipalTag/team}", "arn:aws:s3:::a/axb", False, id="and no wildcard"
        ),
        pytest.param("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/*", True, id="a literal asterisk"),
        pytest.param("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/b", False, id="matches nothing else"),
        pytest.param(
            "arn:aws:s3:::a/${aws:PrincipalTag/no, 'none'}", "arn:aws:s3:::a/none", True, id="a default"
        ),
    ],
)
def test_arn_matches_pattern(pattern, arn, expected):
    assert arn_matches(arn, pattern, resolve) is expected


def test_variable_without_value_and_default_matches_nothing():
    with pytest.raises(Unresolved):
        arn_matches("arn:aws:s3:::a/x", "arn:aws:s3:::a/${aws:PrincipalTag/no}", resolve)


def test_variable_of_a_document_without_variables_is_text():
    assert arn_matches("arn:aws:s3:::a/${aws:username}", "arn:aws:s3:::a/${aws:username}", None)


def test_action_matches_in_any_case():
    assert matches("s3:GetObject", "S3:get*", any_case=True)


def test_filled_pattern_distinguishes_wildcards_from_literals():
    assert patterns.fill("a*${aws:username}", resolve) == (("a*", False), ("alice", True), ("", False))


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "expected"),
    [
        pytest.param("StringEquals", "aws:username", "alice", True, id="equal"),
        pytest.param("StringEquals", "aws:username", ["bob", "alice"], True, id="any of several"),
        pytest.param("StringNotEquals", "aws:username", ["bob", "alice"], False, id="none of several"),
        pytest.param("StringEquals", "none", "x", False, id="absent"),
        pytest.param("StringNotEquals", "none", "x", True, id="absent and negated"),
        pytest.param("StringEqualsIfExists", "none", "x", True, id="absent and if exists"),
        pytest.param("StringEqualsIfExists", "aws:username", "x", False, id="present and if exists"),
        pytest.param("StringLike", "s3:prefix", "home/${aws:username}/*", True, id="a variable in a value"),
        pytest.param("StringEqualsIgnoreCase", "aws:username", "ALICE", True, id="any case"),
        pytest.param("Bool", "aws:MultiFactorAuthPresent", True, True, id="bool"),
        pytest.param("Bool", "none", "true", False, id="bool, absent"),
        pytest.param("BoolIfExists", "none", "false", True, id="bool if exists, absent"),
        pytest.param("Null", "none", "true", True, id="null, absent"),
        pytest.param("Null", "aws:username", "false", True, id="null, present"),
        pytest.param("NumericLessThan", "n", "10", True, id="numbers compare as numbers"),
        pytest.param("NumericLessThan", "none", "10", False, id="number, absent"),
        pytest.param("DateLessThan", "aws:CurrentTime", "2026-11-25T00:00:00Z", True, id="before"),
        pytest.param(
            "DateGreaterThan", "aws:CurrentTime", "2026-11-24T13:00:00+02:00", True, id="time zones"
        ),
        pytest.param("DateLessThan", "aws:CurrentTime", "no date", False, id="no date"),
        pytest.param("IpAddress", "aws:SourceIp", "127.0.0.0/8", True, id="address"),
        pytest.param(
            "NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "127.0.0.0/8"], False, id="in one of several"
        ),
        pytest.param("ArnLike", "arn", "arn:aws:iam::111111111111:user/access/*", True, id="arn"),
        pytest.param("ArnEquals", "arn", "arn:aws:iam::*:user/access/alice", True, id="arn equals is like"),
        pytest.param("ArnLike", "arn", "arn:*:user/access/*", False, id="arn, field by field"),
        pytest.param("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b", "c"], True, id="all within"),
        pytest.param("ForAllValues:StringEquals", "aws:TagKeys", ["a"], False, id="not all within"),
        pytest.param("ForAllValues:StringEquals", "none", ["a"], True, id="all of none"),
        pytest.param("ForAnyValue:StringEquals", "aws:TagKeys", ["b"], True, id="any"),
        pytest.param("ForAnyValue:StringEquals", "none", ["a"], False, id="any of none"),
        pytest.param("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"], True, id="any other"),
    ],
)
def test_condition_is_met(operator, key, wanted, expected):
    assert met({operator: {key: wanted}}, lookup, resolve) is expected


def test_all_conditions_must_be_met():
    conditions = {"StringEquals": {"aws:username": "alice"}, "Bool": {"aws:MultiFactorAuthPresent": "false"}}
    assert not met(conditions, lookup, resolve)


def test_unknown_operator_is_reported():
    with pytest.raises(UnknownOperator):
        met({"StringContains": {"aws:username": "a"}}, lookup, resolve)
