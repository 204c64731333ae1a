"""A delegation alone: its exact grants, its boundary, and what is refused."""

from __future__ import annotations

import re

import pytest

from access_constructs.policies.delegation import Delegation, delegate_statements
from keywright.policy.statement import Statement
from tests.constructs.synthesis import ACCOUNT, PATH, new_stack, properties
from tests.unit.statements.policy_checks import permits

OURS = f"arn:aws:iam::{ACCOUNT}"
CEILING = Delegation.arn_in("aws", ACCOUNT, PATH, "team-a")
READ = Statement(actions=("s3:GetObject",), resources=("arn:aws:s3:::reports/*",))
XRAY = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
TEAMS = f"{OURS}:role{PATH}team-a/x"


def made(**more):
    stack = new_stack()
    delegation = Delegation(stack, "Team", **{"name": "team-a", "path": PATH, "ceiling": [READ], **more})
    return stack, delegation


def test_the_boundary_is_one_policy_outside_of_the_delegated_path():
    stack, delegation = made()
    (policy,) = properties(stack, "AWS::IAM::ManagedPolicy").values()
    assert (policy["Path"], policy["ManagedPolicyName"]) == (PATH, "keywright-delegated-team-a")
    assert delegation.arn == CEILING
    assert delegation.path == f"{PATH}team-a/"
    first, *others = policy["PolicyDocument"]["Statement"]
    assert first["Action"] == "s3:GetObject"
    assert {each["Effect"] for each in others} == {"Deny"}


@pytest.mark.parametrize(
    ("action", "resource", "context", "possible"),
    [
        pytest.param(
            "iam:CreateRole", TEAMS, {"iam_PermissionsBoundary": CEILING}, True, id="a role under it"
        ),
        pytest.param("iam:CreateRole", TEAMS, {}, False, id="none without a boundary"),
        pytest.param(
            "iam:CreateRole", TEAMS, {"iam_PermissionsBoundary": f"{CEILING}2"}, False, id="no other"
        ),
        pytest.param(
            "iam:CreateRole",
            f"{OURS}:role{PATH}x",
            {"iam_PermissionsBoundary": CEILING},
            False,
            id="no other path",
        ),
        pytest.param(
            "iam:DeleteRolePermissionsBoundary",
            TEAMS,
            {"iam_PermissionsBoundary": CEILING},
            False,
            id="never off",
        ),
        pytest.param(
            "iam:AttachRolePolicy",
            TEAMS,
            {"iam_PermissionsBoundary": CEILING, "iam_PolicyARN": XRAY},
            True,
            id="what is listed is attached",
        ),
        pytest.param(
            "iam:AttachRolePolicy",
            TEAMS,
            {"iam_PermissionsBoundary": CEILING, "iam_PolicyARN": f"{XRAY}2"},
            False,
            id="nothing else is",
        ),
        pytest.param(
            "iam:PassRole", TEAMS, {"iam_PassedToService": "ec2.amazonaws.com"}, True, id="passed to EC2"
        ),
        pytest.param(
            "iam:PassRole", TEAMS, {"iam_PassedToService": "lambda.amazonaws.com"}, False, id="to EC2 alone"
        ),
        pytest.param("iam:CreateUser", f"{OURS}:user{PATH}team-a/x", {}, False, id="no users"),
        pytest.param("iam:CreatePolicyVersion", CEILING, {}, False, id="not the boundary"),
    ],
)
def test_grants_a_delegate_the_delegated_actions(action, resource, context, possible):
    statements = delegate_statements(
        "aws",
        ACCOUNT,
        f"{PATH}team-a/",
        boundary_arn=CEILING,
        attachable=[XRAY],
        pass_to=["ec2.amazonaws.com"],
    )
    assert permits(statements, action, resource, **context) is possible


def test_without_services_and_policies_allows_no_passing_and_no_attaching():
    _, delegation = made()
    actions = {action for each in delegation.statements for action in each.actions}
    assert not actions & {"iam:PassRole", "iam:AttachRolePolicy", "iam:CreateInstanceProfile"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param({"name": "Team A"}, "a delegation's name is malformed; found `Team A`", id="a bad name"),
        pytest.param({"ceiling": []}, "delegation `team-a` has no ceiling", id="nothing"),
        pytest.param(
            {"ceiling": [READ] * 60},
            "the boundary of delegation `team-a` is too long",
            id="more than a policy holds",
        ),
    ],
)
def test_refuses(more, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        made(**more)
