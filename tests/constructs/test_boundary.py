"""The boundary: what is named and no more, and no way out of the fence, even for somebody granted everything."""

from __future__ import annotations

import re

import pytest

from access_constructs.boundary import BOUNDARY_AWARE, WRITING_VERBS, Boundary, boundary_statements
from access_constructs.owned_policies import MANAGED_QUOTA, document_size
from keywright.policy.statement import policy_document
from tests.constructs.judging import permits
from tests.constructs.synthesis import ACCOUNT, BOUNDARY, PATH, TOKEN, new_stack, properties

WIDEST = boundary_statements("aws", ACCOUNT, PATH, services=["*"], stacks=["access-people"])
OURS = f"arn:aws:iam::{ACCOUNT}"
OUTSIDE = (
    f"{OURS}:user/admin",
    f"{OURS}:user/accessory/admin",
    f"{OURS}:role/admin",
    f"{OURS}:group/admins",
    f"{OURS}:policy/admin",
    f"{OURS}:instance-profile/admin",
    f"{OURS}:oidc-provider/evil.example",
    f"{OURS}:saml-provider/evil",
    f"{OURS}:server-certificate/x",
    f"{OURS}:role/aws-service-role/x",
    "arn:aws:iam::222222222222:role/access/x",
    "*",
)
INSIDE = (f"{OURS}:user{PATH}bob", f"{OURS}:role{PATH}operate")


def actions_of(catalogue, service, *levels):
    named = catalogue.actions.get_actions_for_service(service)
    details = {action: catalogue.actions.get_action_details(service, action) for action in named}
    return {
        f"{service}:{action}": found
        for action, found in details.items()
        if not levels or found["accessLevel"] not in levels
    }


def test_every_iam_action_that_does_more_than_look_begins_with_a_writing_verb(catalogue):
    writing = actions_of(catalogue, "iam", "Read", "List")
    unknown = [action for action in writing if not action.removeprefix("iam:").startswith(WRITING_VERBS)]
    looking = {
        "iam:GenerateCredentialReport",
        "iam:GenerateOrganizationsAccessReport",
        "iam:GenerateServiceLastAccessedDetails",
    }
    assert set(unknown) <= looking


def test_the_catalogues_boundary_aware_actions_are_ours(catalogue):
    aware = {
        action
        for action, found in actions_of(catalogue, "iam", "Read", "List").items()
        if "iam:PermissionsBoundary" in str(found)
    }
    taking_away = {"iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"}
    assert aware == {*BOUNDARY_AWARE, *taking_away}


def test_nothing_outside_the_path_is_changed(catalogue):
    context = {"iam_PermissionsBoundary": BOUNDARY, "aws_username": "alice"}
    writing = [
        action
        for action in actions_of(catalogue, "iam", "Read", "List")
        if action.removeprefix("iam:").startswith(WRITING_VERBS)
    ]
    assert len(writing) > 100
    assert [(a, r) for a in writing for r in OUTSIDE if permits(WIDEST, a, r, **context)] == []


@pytest.mark.parametrize("action", BOUNDARY_AWARE)
@pytest.mark.parametrize(
    ("context", "possible"),
    [
        pytest.param({}, False, id="no boundary"),
        pytest.param(
            {"iam_PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
            False,
            id="a wider one",
        ),
        pytest.param({"iam_PermissionsBoundary": BOUNDARY}, True, id="this boundary"),
    ],
)
def test_inside_the_path_identities_are_made_and_changed_only_with_this_boundary(action, context, possible):
    assert [permits(WIDEST, action, resource, **context) for resource in INSIDE] == [possible] * 2


@pytest.mark.parametrize("kind", ["User", "Role"])
def test_a_boundary_is_never_taken_away(kind):
    resource = f"{OURS}:{kind.lower()}{PATH}bob"
    assert not permits(
        WIDEST, f"iam:Delete{kind}PermissionsBoundary", resource, iam_PermissionsBoundary=BOUNDARY
    )


FENCE = [
    pytest.param(
        "iam:CreatePolicyVersion", f"{OURS}:policy{PATH}keywright-boundary", id="the boundary edited"
    ),
    pytest.param("iam:DeletePolicy", f"{OURS}:policy{PATH}keywright-boundary", id="the boundary deleted"),
    pytest.param(
        "iam:SetDefaultPolicyVersion", f"{OURS}:policy{PATH}keywright-mfa-guard", id="the guard edited"
    ),
    pytest.param(
        "iam:CreatePolicyVersion", f"{OURS}:policy{PATH}keywright-keeper", id="the keeper's policy edited"
    ),
    pytest.param(
        "iam:CreatePolicyVersion", f"{OURS}:policy{PATH}keywright-deny-all", id="the leaver's deny edited"
    ),
    pytest.param("iam:DetachGroupPolicy", f"{OURS}:group{PATH}mfa-guard", id="the guard detached"),
    pytest.param("iam:RemoveUserFromGroup", f"{OURS}:group{PATH}mfa-guard", id="oneself out of the guard"),
    pytest.param("iam:DeleteGroup", f"{OURS}:group{PATH}mfa-guard", id="the guard's group deleted"),
    pytest.param(
        "iam:PassRole", f"{OURS}:role{PATH}keywright-identity-keeper", id="the keeper's role passed"
    ),
    pytest.param("iam:PassRole", f"{OURS}:role/admin", id="a role outside passed"),
    pytest.param(
        "iam:UpdateAssumeRolePolicy", f"{OURS}:role{PATH}keywright-identity-keeper", id="the keeper's trust"
    ),
    pytest.param("lambda:UpdateFunctionCode", TOKEN, id="the keeper's code"),
    pytest.param("lambda:InvokeFunction", TOKEN, id="the keeper invoked"),
    pytest.param("lambda:InvokeFunction", f"{TOKEN}:$LATEST", id="the keeper invoked by version"),
    pytest.param("lambda:AddPermission", TOKEN.replace("eu-central-1", "us-east-1"), id="a keeper elsewhere"),
    pytest.param(
        "cloudformation:UpdateStack",
        f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/access-people/0-0",
        id="the stack of people",
    ),
    pytest.param(
        "cloudformation:ExecuteChangeSet",
        f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/access-people/0-0",
        id="the stack of people by a change set",
    ),
]


@pytest.mark.parametrize(("action", "resource"), FENCE)
def test_the_fence_itself_is_never_touched(action, resource):
    assert not permits(WIDEST, action, resource, iam_PermissionsBoundary=BOUNDARY, aws_username="alice")


@pytest.mark.parametrize(
    ("role", "account", "possible"),
    [
        pytest.param(f"{OURS}:role{PATH}operate", ACCOUNT, True, id="a role of ours"),
        pytest.param(f"{OURS}:role/admin", ACCOUNT, False, id="another role of the account"),
        pytest.param(f"{OURS}:role/legacy", ACCOUNT, True, id="one that is named"),
        pytest.param(
            "arn:aws:iam::222222222222:role/partner", "222222222222", True, id="another account's role"
        ),
    ],
)
def test_roles_that_may_be_assumed(role, account, possible):
    statements = boundary_statements(
        "aws", ACCOUNT, PATH, services=["s3"], roles_outside=[f"{OURS}:role/legacy"]
    )
    assert permits(statements, "sts:AssumeRole", role, aws_ResourceAccount=account) is possible


@pytest.mark.parametrize(
    ("action", "possible"),
    [
        pytest.param("s3:GetObject", True, id="a service named"),
        pytest.param("ec2:RunInstances", False, id="a service not named"),
        pytest.param("s3express:CreateSession", False, id="a service whose name begins alike"),
        pytest.param("sts:GetSessionToken", True, id="sts"),
        pytest.param("signin:CreateOAuth2Token", True, id="the command line's sign-in"),
        pytest.param("iam:CreateUser", False, id="IAM not named"),
    ],
)
def test_what_is_named_and_no_more(action, possible):
    statements = boundary_statements("aws", ACCOUNT, PATH, services=["s3"])
    context = {"iam_PermissionsBoundary": BOUNDARY, "aws_username": "alice"}
    assert permits(statements, action, f"{OURS}:user{PATH}alice", **context) is possible


def test_looking_after_oneself_is_within_it():
    statements = boundary_statements("aws", ACCOUNT, PATH, services=["s3"])
    assert permits(statements, "iam:EnableMFADevice", f"{OURS}:user{PATH}alice", aws_username="alice")


def test_the_template_is_the_statements_and_the_description_is_constant():
    stack = new_stack()
    boundary = Boundary(stack, "Boundary", path=PATH, services=["s3", "ec2", "s3"])
    (policy,) = properties(stack, "AWS::IAM::ManagedPolicy").values()
    assert policy["PolicyDocument"] == policy_document(
        *boundary_statements("aws", ACCOUNT, PATH, services=["ec2", "s3"])
    )
    assert policy["Description"] == "What identities under this path may at most do"
    assert boundary.arn == BOUNDARY == f"arn:aws:iam::{ACCOUNT}:policy{PATH}{policy['ManagedPolicyName']}"


def test_the_longest_path_and_fifty_services_fit():
    statements = boundary_statements(
        "aws-us-gov", ACCOUNT, f"/{'p' * 100}/", services=[f"service-{number}" for number in range(50)]
    )
    assert document_size(policy_document(*statements)) <= MANAGED_QUOTA


@pytest.mark.parametrize(
    ("services", "message"),
    [
        pytest.param(
            ["S3:Get*"],
            "a boundary names services; found `S3:Get*`; accepted: prefixes such as `s3`, or `*`",
            id="an action",
        ),
        pytest.param(
            [f"service-{number}" for number in range(400)],
            "the permissions boundary is too long; found ",
            id="too many",
        ),
    ],
)
def test_refuses(services, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        boundary_statements("aws", ACCOUNT, PATH, services=services)
