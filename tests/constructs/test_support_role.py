"""The role for AWS Support: the AWS managed policy is accepted in any partition, and nothing else is."""

from __future__ import annotations

import pytest

from access_constructs.roles.support_role import SupportRole
from keywright.statements.trusts.same_account import group_trust

MEMBERS = group_trust("aws", "111111111111", "/access/", 3600, ("carol",))
BOUNDARY = "arn:aws:iam::111111111111:policy/access/keywright-boundary-any-service"


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_has_only_the_policy_for_support_cases(stack, resources, partition):
    SupportRole(
        stack,
        "Support",
        path="/access/",
        boundary_arn=BOUNDARY,
        partition=partition,
        trust=(MEMBERS,),
        session_seconds=3600,
    )
    properties = resources()["Role0awsX2dsupport"]["Properties"]
    assert properties["ManagedPolicyArns"] == [f"arn:{partition}:iam::aws:policy/AWSSupportAccess"]
    assert "Policies" not in properties
    assert properties["PermissionsBoundary"] == BOUNDARY


def test_requires_mfa_of_members(stack, resources):
    SupportRole(
        stack,
        "Support",
        path="/access/",
        boundary_arn=BOUNDARY,
        partition="aws",
        trust=(MEMBERS,),
        session_seconds=3600,
    )
    (statement,) = resources()["Role0awsX2dsupport"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
