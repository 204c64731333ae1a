"""ARN patterns: five leading fields one by one, the rest as one string.

Source: "IAM JSON policy elements: Resource", "Amazon Resource Names (ARNs)".
"""

import pytest

from keywright.policy.matching.arn import Arn, arn_pattern
from keywright.policy.matching.context import MAYBE, NO, YES, Context

BOB = Context.of({"aws:username": ("bob",), "aws:PrincipalTag/teams": ("a", "b"), "odd": ("*",)})


@pytest.mark.parametrize(
    ("pattern", "resource"),
    [
        pytest.param("*", "arn:aws:s3:::b/k", id="everything"),
        pytest.param("*", "*", id="everything and no resource"),
        pytest.param("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b:c", id="slashes and colons in the rest"),
        pytest.param("arn:*:s3:::b", "arn:aws-cn:s3:::b", id="any partition"),
        pytest.param(
            "arn:aws:ec2:eu-*:1*:instance/?", "arn:aws:ec2:eu-west-1:111:instance/i", id="parts of fields"
        ),
        pytest.param("arn:aws:iam::*:role/*", "arn:aws:iam::111111111111:role/a/b", id="any account"),
        pytest.param("arn:aws:s3:*", "arn:aws:s3:::b/k", id="fewer fields match as one string"),
        pytest.param("arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/bob", id="variable"),
        pytest.param("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/bob/x", id="variable and wildcard"),
        pytest.param("arn:aws:s3:::b/${aws:nobody, 'all:of'}", "arn:aws:s3:::b/all:of", id="default"),
        pytest.param("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", id="escaped wildcard"),
        pytest.param("arn:aws:s3:::b/${odd}", "arn:aws:s3:::b/*", id="a value's wildcard is plain"),
    ],
)
def test_covers(pattern, resource):
    assert arn_pattern(pattern).match(resource, BOB) is YES


@pytest.mark.parametrize(
    ("pattern", "resource"),
    [
        pytest.param("arn:aws:s3:::b", "arn:aws:s3:::b/k", id="bucket is not object"),
        pytest.param("arn:*:b", "arn:aws:s3:::a", id="fewer fields"),
        pytest.param("arn:aws:*:*:b", "arn:aws:s3:::b", id="no field spans a colon"),
        pytest.param("arn:aws:sns:*:1:t", "arn:aws:sns:x:y:1:t", id="leading fields don't shift"),
        pytest.param("arn:*:s3:::b", "arn:aws:x:s3:::b", id="a wildcard stays in its field"),
        pytest.param("arn:aws:s3:::B", "arn:aws:s3:::b", id="case counts"),
        pytest.param("arn:aws:s3:::*", "*", id="no resource"),
        pytest.param(
            "arn:aws:s3:::b/${aws:nobody}", "arn:aws:s3:::b/${aws:nobody}", id="unresolved variable"
        ),
        pytest.param(
            "arn:aws:s3:::b/${odd}", "arn:aws:s3:::b/x", id="a value's wildcard matches nothing else"
        ),
        pytest.param(
            "arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", id="an escaped wildcard matches nothing else"
        ),
    ],
)
def test_does_not_cover(pattern, resource):
    assert arn_pattern(pattern).match(resource, BOB) is NO


def test_a_variable_with_several_values_is_open():
    pattern = arn_pattern("arn:aws:s3:::b/${aws:PrincipalTag/teams}")
    assert pattern.match("arn:aws:s3:::b/a", BOB) is MAYBE
    assert pattern.match("arn:aws:s3:::c/a", BOB) is NO


def test_variables_are_plain_text_in_the_old_version():
    old = arn_pattern("arn:aws:s3:::b/${aws:username}", False)
    assert old.match("arn:aws:s3:::b/${aws:username}", BOB) is YES
    assert old.match("arn:aws:s3:::b/bob", BOB) is NO


def test_an_arn_is_read_and_written():
    text = "arn:aws:lambda:eu-west-1:111111111111:function:f:1"
    arn = Arn.parse(text)
    assert arn == Arn("aws", "lambda", "eu-west-1", "111111111111", "function:f:1")
    assert str(arn) == text


@pytest.mark.parametrize("text", ["", "*", "arn", "arn:aws:s3", "urn:aws:s3:::b"])
def test_other_text_is_no_arn(text):
    assert Arn.parse(text) is None
