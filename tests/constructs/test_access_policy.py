"""A shared policy is one resource under its own name, with the statements of its grants."""

from __future__ import annotations

import pytest

from access_constructs.policies.shared_policy import AccessPolicy
from keywright.model.grants.grant import S3Level
from keywright.statements.grants.s3 import S3Grant
from tests.constructs.synthesis import PATH, new_stack, properties


def reads(*prefixes):
    return [
        statement
        for prefix in prefixes
        for statement in S3Grant(
            bucket_arn="arn:aws:s3:::reports", levels=[S3Level.READ], prefix=prefix
        ).statements()
    ]


def test_is_one_managed_policy_under_the_path():
    stack = new_stack()
    AccessPolicy(stack, "Shared", name="read-reports", path=PATH, statements=reads("b/", "a/"))
    assert properties(stack, "AWS::IAM::ManagedPolicy") == {
        "SharedPolicy0readX2dreports": {
            "Description": "Grants that several identities share",
            "ManagedPolicyName": "read-reports",
            "Path": PATH,
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging"],
                        "Resource": f"arn:aws:s3:::reports/{folder}/*",
                    }
                    for folder in ("a", "b")
                ],
            },
        }
    }


@pytest.mark.parametrize(
    ("name", "statements", "message"),
    [
        pytest.param("a b", reads("a/"), "a managed policy's name is malformed; found `a b`", id="name"),
        pytest.param("empty", [], "policy `empty` grants nothing; found no statement", id="nothing"),
        pytest.param(
            "long",
            reads(*(f"{number:0200}/" for number in range(40))),
            "the grants of policy `long` are too long; found 9",
            id="too much",
        ),
    ],
)
def test_refuses(name, statements, message):
    with pytest.raises(ValueError, match=message):
        AccessPolicy(new_stack(), "Shared", name=name, path=PATH, statements=statements)
