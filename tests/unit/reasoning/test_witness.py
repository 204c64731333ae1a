"""Witnesses are realistic requests."""

import pytest

from keywright.policy.parsing.documents import parse_document
from keywright.policy.reference import catalogue
from keywright.policy.statement import Kind
from keywright.reasoning.comparison.compare import NewAccess, compare
from tests.unit.reasoning.policies import ACCOUNT, OTHER_ACCOUNT, ROLE, allow, document, statement

NOTHING = document(statement("Deny"))


def witness(before, after):
    found = compare(before, after)
    assert isinstance(found, NewAccess)
    return found.witness


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        pytest.param("s3:GetObject", "*", "arn:aws:s3:us-east-1:123456789012:accesspoint/example/object/example", id="any object"),
        pytest.param("s3:GetObject", "arn:aws:s3:::reports/*", "arn:aws:s3:::reports/example", id="an object of a bucket"),
        pytest.param("s3:ListBucket", "arn:aws:s3:::reports*", "arn:aws:s3:::reportsexample", id="a bucket by prefix"),
        pytest.param("ec2:DescribeInstances", "*", "*", id="an action on nothing in particular"),
        pytest.param("iam:PassRole", "arn:aws:iam::*:role/app-*", "arn:aws:iam::123456789012:role/app-example", id="a role by prefix"),
        pytest.param("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/*", f"arn:aws:iam::{ACCOUNT}:role/example", id="a role of an account"),
        pytest.param("sqs:SendMessage", "arn:aws:sqs:eu-*:*:orders", "arn:aws:sqs:eu-us-east-1:123456789012:orders", id="a queue of regions"),
        pytest.param("lambda:InvokeFunction", "arn:aws-cn:lambda:*:*:function:x", "arn:aws-cn:lambda:us-east-1:123456789012:function:x", id="another partition"),
        pytest.param("nobody:Knows", "arn:aws:nobody:*:*:thing/*", "arn:aws:nobody:us-east-1:123456789012:thing/example", id="an unknown service"),
    ],
)  # fmt: skip
def test_the_resource_is_of_the_actions_type(action, resource, expected):
    found = witness(NOTHING, allow(action, resource))
    assert (found.action, found.resource) == (action, expected)


@pytest.mark.parametrize(
    ("pattern", "action"),
    [
        pytest.param("s3:getobject", "s3:GetObject", id="spelled as AWS does"),
        pytest.param("s3:GetNobodyKnows", "s3:GetNobodyKnows", id="unknown, as written"),
        pytest.param("iam:Passrol?", "iam:PassRole", id="the one that matches"),
    ],
)
def test_the_action_exists_where_one_does(pattern, action):
    assert witness(NOTHING, allow(pattern)).action == action


def test_an_action_of_no_service_in_particular_exists():
    found = witness(document(statement("Allow", "s3:*")), allow())
    assert catalogue.action(found.action) is not None


def test_the_only_new_actions_may_be_unknown():
    known = [str(each) for each in catalogue.actions_of("sqs")]
    found = witness(allow(known), allow("sqs:*"))
    assert found.action.startswith("sqs:")
    assert catalogue.action(found.action) is None


def when(operator, key, value):
    return {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("condition", "context"),
    [
        pytest.param(when("StringLike", "aws:PrincipalTag/team", "red-*"), {"aws:PrincipalTag/team": ("red-example",)}, id="a tag"),
        pytest.param(when("Bool", "aws:MultiFactorAuthPresent", "true"), {"aws:MultiFactorAuthPresent": ("true",)}, id="MFA"),
        pytest.param(when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), {}, id="absent is enough"),
        pytest.param(when("IpAddress", "aws:SourceIp", "192.0.2.0/24"), {"aws:SourceIp": ("192.0.2.0",)}, id="an address"),
        pytest.param(when("DateLessThan", "aws:CurrentTime", "2027-01-01"), {"aws:CurrentTime": ("2026-01-01T00:00:00Z",)}, id="a moment"),
        pytest.param(when("StringEquals", "aws:username", "bob"), {"aws:username": ("bob",)}, id="a name"),
        pytest.param(when("ForAllValues:StringEquals", "aws:TagKeys", "a"), {}, id="none of none"),
        pytest.param(when("ForAnyValue:StringEquals", "aws:TagKeys", "a"), {"aws:TagKeys": ("a",)}, id="one of many"),
        pytest.param(when("NumericGreaterThan", "s3:max-keys", "10"), {"s3:max-keys": ("11",)}, id="a number"),
    ],
)  # fmt: skip
def test_the_context_has_only_what_is_needed(condition, context):
    found = witness(NOTHING, allow("s3:ListBucket", "arn:aws:s3:::reports", **condition))
    assert found.context == context


def test_a_named_user_makes_the_request():
    found = witness(NOTHING, allow("s3:*", **when("StringEquals", "aws:username", "bob")))
    assert found.principal == "arn:aws:iam::123456789012:user/bob"


def test_the_principal_is_of_the_resources_account():
    found = witness(NOTHING, allow("iam:GetRole", f"arn:aws:iam::{OTHER_ACCOUNT}:role/x"))
    assert found.principal == f"arn:aws:iam::{OTHER_ACCOUNT}:user/example"


def test_a_variable_is_written_out():
    found = witness(NOTHING, allow("s3:GetObject", "arn:aws:s3:::home/${aws:username}/*"))
    assert found.resource == "arn:aws:s3:::home/example/example"


def test_several_values_are_given_where_several_are_needed():
    tags = {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}, "ForAnyValue:StringLike": {"aws:TagKeys": "b*"}}
    found = witness(NOTHING, allow("ec2:CreateTags", "*", Condition=tags))
    assert sorted(found.context["aws:TagKeys"]) == ["a", "b"]


def read(value, kind):
    return parse_document({"Version": "2012-10-17", "Statement": [value]}, file="x", kind=kind)[0]


def shared(principal, **elements):
    made = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
    }
    return read(made | elements, Kind.RESOURCE)


@pytest.mark.parametrize(
    ("principal", "expected", "owner"),
    [
        pytest.param({"AWS": ROLE}, ROLE, "", id="the one named"),
        pytest.param(
            {"AWS": ACCOUNT}, f"arn:aws:iam::{ACCOUNT}:role/example", "210987654321", id="one of an account"
        ),
        pytest.param({"Service": "sns.amazonaws.com"}, "sns.amazonaws.com", "", id="a service"),
        pytest.param("*", "*", "", id="everybody"),
    ],
)
def test_the_principal_is_one_that_is_named(principal, expected, owner):
    found = witness(shared({"AWS": "arn:aws:iam::333333333333:user/x"}), shared(principal))
    assert (found.principal, found.resource_account) == (expected, owner)


def test_principal_arn_is_the_principals_own():
    condition = when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/app/*")
    found = witness(shared({"AWS": ROLE}), shared({"AWS": "*"}, **condition))
    assert found.principal == f"arn:aws:iam::{ACCOUNT}:role/app/example"
    assert found.context == {"aws:PrincipalArn": (found.principal,)}


def test_a_trust_policy_is_about_a_role():
    trust = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole"}
    found = witness(read(trust | {"Effect": "Deny"}, Kind.TRUST), read(trust, Kind.TRUST))
    assert (found.action, found.resource) == ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/example")


def test_as_json_a_single_value_stands_alone():
    tags = {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}, "StringEquals": {"aws:RequestTag/a": "b"}}
    found = witness(
        NOTHING, allow("ec2:CreateTags", "arn:aws:ec2:us-east-1:123456789012:vpc/v", Condition=tags)
    )
    assert found.to_json() == {
        "principal": "arn:aws:iam::123456789012:user/example",
        "action": "ec2:CreateTags",
        "resource": "arn:aws:ec2:us-east-1:123456789012:vpc/v",
        "context": {"aws:TagKeys": "a", "aws:RequestTag/a": "b"},
    }
