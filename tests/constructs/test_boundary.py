"""The boundary: it allows what is named and nothing else, even to a principal with all permissions."""

from __future__ import annotations

import re

import pytest

from access_constructs.identity_keeper import IdentityKeeper
from access_constructs.policies.boundary import Boundary
from keywright.policy.compaction import MANAGED_QUOTA, document_size
from keywright.policy.reference.catalogue import IAM_WRITE_ACTIONS
from keywright.policy.statement import policy_document
from keywright.statements.boundary import IDENTITY_CENTER_ACTIONS, ROLE_ACTIONS, boundary_statements
from keywright.statements.trusts.same_account import NOBODY
from tests.constructs.synthesis import ACCOUNT, BOUNDARY, PATH, TOKEN, new_stack, properties
from tests.unit.statements.policy_checks import like, permits

WIDEST = boundary_statements("aws", ACCOUNT, PATH, services=["*"], stacks=["access-people"])
OURS = f"arn:aws:iam::{ACCOUNT}"
ALICE = {
    "iam_PermissionsBoundary": BOUNDARY,
    "aws_username": "alice",
    "aws_PrincipalArn": f"{OURS}:user{PATH}alice",
}
A_ROLE = {"iam_PermissionsBoundary": BOUNDARY, "aws_PrincipalArn": f"{OURS}:role{PATH}operate"}
OUTSIDE = (
    f"{OURS}:user/admin",
    f"{OURS}:user/accessory/admin",
    f"{OURS}:user{PATH}bob",
    f"{OURS}:user{PATH}alice2",
    f"{OURS}:user{PATH}alice/below",
    f"{OURS}:role/admin",
    f"{OURS}:group/admins",
    f"{OURS}:group{PATH}analysts",
    f"{OURS}:group{PATH}mfa-guard",
    f"{OURS}:policy/admin",
    f"{OURS}:instance-profile/admin",
    f"{OURS}:oidc-provider/evil.example",
    f"{OURS}:saml-provider/evil",
    f"{OURS}:server-certificate/x",
    f"{OURS}:mfa/bob",
    f"{OURS}:mfa/alice2",
    f"{OURS}:mfa/alice-phone",
    f"{OURS}:role/aws-service-role/x",
    "arn:aws:iam::222222222222:role/access/x",
    "*",
)
INSIDE = (f"{OURS}:role{PATH}operate", f"{OURS}:role{PATH}team/operate")


def actions_of(catalogue, service, *levels):
    named = catalogue.actions.get_actions_for_service(service)
    details = {action: catalogue.actions.get_action_details(service, action) for action in named}
    return {
        f"{service}:{action}": found
        for action, found in details.items()
        if not levels or found["accessLevel"] not in levels
    }


def writing(catalogue):
    found = sorted(action for action in actions_of(catalogue, "iam") if among(action, IAM_WRITE_ACTIONS))
    assert len(found) > 100
    return found


def among(action, patterns):
    return any(like(pattern, action) for pattern in patterns)


def test_the_writing_actions_are_all_iam_actions_that_do_more_than_read(catalogue):
    harmless = {
        "iam:GenerateCredentialReport",
        "iam:GenerateOrganizationsAccessReport",
        "iam:GenerateServiceLastAccessedDetails",
    }
    assert set(actions_of(catalogue, "iam", "Read", "List")) - harmless == set(writing(catalogue))


def on_roles(catalogue):
    return sorted(action for action in actions_of(catalogue, "iam") if among(action, ROLE_ACTIONS))


def test_the_boundary_aware_role_actions_are_those_of_the_catalogue(catalogue):
    aware = {
        action
        for action, found in actions_of(catalogue, "iam", "Read", "List").items()
        if "iam:PermissionsBoundary" in str(found) and "User" not in action
    }
    assert aware == set(on_roles(catalogue))


@pytest.mark.parametrize("caller", [pytest.param(ALICE, id="a user"), pytest.param(A_ROLE, id="a role")])
def test_denies_changes_outside_the_path_and_to_users_and_groups(catalogue, caller):
    tried = [(action, resource) for action in writing(catalogue) for resource in OUTSIDE]
    assert [each for each in tried if permits(WIDEST, *each, **caller)] == []


def test_allows_changes_of_ones_own_sign_in_only(catalogue):
    own = f"{OURS}:user{PATH}alice"
    possible = {action for action in writing(catalogue) if permits(WIDEST, action, own, **ALICE)}
    of_devices = {action for action in writing(catalogue) if action.endswith("MFADevice")}
    assert possible == {"iam:ChangePassword", *of_devices}
    assert {"iam:EnableMFADevice", "iam:DeactivateMFADevice", "iam:ResyncMFADevice"} <= possible


def test_allows_no_sign_in_changes_without_a_user_name(catalogue):
    """The default of a policy variable is a name that no user can have."""
    nobodys = (f"{OURS}:user{PATH}{NOBODY}", f"{OURS}:user{PATH}", f"{OURS}:mfa/", f"{OURS}:mfa/,x")
    for resource in nobodys[1:]:
        assert [each for each in writing(catalogue) if permits(WIDEST, each, resource, **A_ROLE)] == []


@pytest.mark.parametrize(
    ("context", "possible"),
    [
        pytest.param({}, False, id="no boundary"),
        pytest.param(
            {"iam_PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
            False,
            id="a wider one",
        ),
        pytest.param(
            {"iam_PermissionsBoundary": f"{BOUNDARY}-any-service"},
            False,
            id="the generated one for any service",
        ),
        pytest.param({"iam_PermissionsBoundary": BOUNDARY}, True, id="this boundary"),
    ],
)
def test_allows_roles_inside_the_path_only_with_this_boundary(catalogue, context, possible):
    aware = [each for each in on_roles(catalogue) if each != "iam:DeleteRolePermissionsBoundary"]
    tried = [(action, resource) for action in aware for resource in INSIDE]
    assert [permits(WIDEST, *each, **context) for each in tried] == [possible] * len(tried)


@pytest.mark.parametrize("kind", ["User", "Role"])
def test_denies_removal_of_a_boundary(kind):
    resource = f"{OURS}:{kind.lower()}{PATH}alice"
    assert not permits(WIDEST, f"iam:Delete{kind}PermissionsBoundary", resource, **ALICE)


PEOPLE = f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/access-people/0-0"
LOG = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:access-account-LogGroup0keywrightX2didentityX2dkeeper-1a2B"
PASSWORD = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:keywright/first-password/bob-AbCdEf"
FENCE = [
    pytest.param("iam:CreatePolicyVersion", f"{OURS}:policy{PATH}keywright-boundary", id="the boundary edited"),
    pytest.param("iam:DeletePolicy", f"{OURS}:policy{PATH}keywright-boundary", id="the boundary deleted"),
    pytest.param("iam:SetDefaultPolicyVersion", f"{OURS}:policy{PATH}keywright-mfa-guard", id="the guard edited"),
    pytest.param("iam:CreatePolicyVersion", f"{OURS}:policy{PATH}keywright-keeper", id="the keeper's policy edited"),
    pytest.param("iam:CreatePolicyVersion", f"{OURS}:policy{PATH}keywright-deny-all", id="the leaving user's deny edited"),
    pytest.param("iam:DetachGroupPolicy", f"{OURS}:group{PATH}mfa-guard", id="the guard detached"),
    pytest.param("iam:RemoveUserFromGroup", f"{OURS}:group{PATH}mfa-guard", id="the user out of the guard"),
    pytest.param("iam:DeleteGroup", f"{OURS}:group{PATH}mfa-guard", id="the guard's group deleted"),
    pytest.param("iam:AddUserToGroup", f"{OURS}:group{PATH}administrators", id="another user into a declared group"),
    pytest.param("iam:AttachGroupPolicy", f"{OURS}:group{PATH}analysts", id="a group given more"),
    pytest.param("iam:UpdateUser", f"{OURS}:user{PATH}alice", id="oneself renamed"),
    pytest.param("iam:TagUser", f"{OURS}:user{PATH}alice", id="the user tagged as one who hands over"),
    pytest.param("iam:CreateAccessKey", f"{OURS}:user{PATH}alice", id="a given key"),
    pytest.param("iam:CreateAccessKey", f"{OURS}:user{PATH}bob", id="a key of another user"),
    pytest.param("iam:UpdateLoginProfile", f"{OURS}:user{PATH}bob", id="another user's password"),
    pytest.param("iam:DeactivateMFADevice", f"{OURS}:user{PATH}bob", id="another user's device deactivated"),
    pytest.param("iam:EnableMFADevice", f"{OURS}:user{PATH}bob", id="a device for another user"),
    pytest.param("iam:PassRole", f"{OURS}:role{PATH}keywright-identity-keeper", id="the keeper's role passed"),
    pytest.param("iam:PassRole", f"{OURS}:role/admin", id="a role outside passed"),
    pytest.param("iam:UpdateAssumeRolePolicy", f"{OURS}:role{PATH}keywright-identity-keeper", id="the keeper's trust"),
    pytest.param("iam:CreateServiceLinkedRole", f"{OURS}:role/aws-service-role/ec2.amazonaws.com/x", id="a service-linked role"),
    pytest.param("iam:UpdateAccountPasswordPolicy", "*", id="the password policy"),
    pytest.param("iam:CreateAccountAlias", "*", id="the alias"),
    pytest.param("lambda:UpdateFunctionCode", TOKEN, id="the keeper's code"),
    pytest.param("lambda:InvokeFunction", TOKEN, id="the keeper invoked"),
    pytest.param("lambda:InvokeFunction", f"{TOKEN}:$LATEST", id="the keeper invoked by version"),
    pytest.param("lambda:AddPermission", TOKEN.replace("eu-central-1", "us-east-1"), id="a keeper elsewhere"),
    pytest.param("logs:DeleteLogGroup", LOG, id="the keeper's log deleted"),
    pytest.param("logs:DeleteLogStream", f"{LOG}:log-stream:x", id="a part of the keeper's log deleted"),
    pytest.param("logs:PutRetentionPolicy", LOG, id="the keeper's log kept for a day"),
    pytest.param("logs:AssociateKmsKey", LOG, id="the keeper's log under another key"),
    pytest.param("secretsmanager:GetSecretValue", PASSWORD, id="a first password read"),
    pytest.param("secretsmanager:PutResourcePolicy", PASSWORD, id="a first password shared"),
    pytest.param("secretsmanager:UpdateSecret", PASSWORD, id="a first password under another key"),
    pytest.param("secretsmanager:CreateSecret", PASSWORD, id="a first password's name taken"),
    pytest.param("secretsmanager:ReplicateSecretToRegions", PASSWORD, id="a first password elsewhere"),
    pytest.param("cloudformation:UpdateStack", PEOPLE, id="the stack of people"),
    pytest.param("cloudformation:CreateChangeSet", PEOPLE, id="the stack of people by a new change set"),
    pytest.param("cloudformation:ExecuteChangeSet", PEOPLE, id="the stack of people by a change set"),
    pytest.param("cloudformation:ExecuteStackRefactor", PEOPLE, id="the stack of people with a resource deleted"),
    pytest.param("cloudformation:UpdateTerminationProtection", PEOPLE, id="the stack of people unprotected"),
    pytest.param("sso:CreateAccountAssignment", "*", id="a role by Identity Center"),
    pytest.param("identitystore:CreateGroupMembership", "*", id="another group of Identity Center"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "resource"), FENCE)
@pytest.mark.parametrize("caller", [pytest.param(ALICE, id="a user"), pytest.param(A_ROLE, id="a role")])
def test_denies_changes_to_the_boundary_itself(action, resource, caller):
    assert not permits(WIDEST, action, resource, **caller)


TAGGED = {"aws_PrincipalTag/keywright-handover": "true"}


@pytest.mark.parametrize(
    ("caller", "possible"),
    [
        pytest.param(ALICE | TAGGED, True, id="a user with a generated tag"),
        pytest.param(
            ALICE | {"aws_PrincipalTag/keywright-handover": "false"},
            False,
            id="tagged as a user who does not",
        ),
        pytest.param(A_ROLE | TAGGED, False, id="a session that brought the tag"),
        pytest.param(
            {**TAGGED, "aws_PrincipalArn": f"arn:aws:sts::{ACCOUNT}:federated-user/alice"},
            False,
            id="a federated user that brought the tag",
        ),
        pytest.param(
            {**TAGGED, "aws_PrincipalArn": f"{OURS}:user/outside"}, False, id="a user outside the path"
        ),
        pytest.param(TAGGED, False, id="nobody in particular"),
    ],
)
def test_allows_the_handover_only_for_tagged_users_under_the_path(caller, possible):
    assert permits(WIDEST, "secretsmanager:GetSecretValue", PASSWORD, **caller) is possible


def test_the_handover_changes_nothing(catalogue):
    on_secrets = actions_of(catalogue, "secretsmanager")
    found = {action for action in on_secrets if permits(WIDEST, action, PASSWORD, **ALICE, **TAGGED)}
    writes = actions_of(catalogue, "secretsmanager", "Read", "List").keys()
    on_no_secret = {"secretsmanager:BatchGetSecretValue"}
    assert found == set(on_secrets) - writes - on_no_secret


def test_the_boundary_protects_the_log_of_the_keeper():
    stack = new_stack()
    IdentityKeeper(stack, "Keeper", path=PATH)
    ((logical, _),) = properties(stack, "AWS::Logs::LogGroup").items()
    generated = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:{stack.stack_name}-{logical}-Zm1uR3gS:*"
    assert not permits(WIDEST, "logs:DeleteLogGroup", generated, **ALICE)
    assert permits(WIDEST, "logs:DeleteLogGroup", generated.replace(logical, "Other"), **ALICE)


@pytest.mark.parametrize("service", IDENTITY_CENTER_ACTIONS)
def test_allows_only_reading_in_identity_center(catalogue, service):
    harmless = (
        "Tag",
        "Untag",
        "Delete",
        "Remove",
        "Disable",
        "Verify",
        "Reserve",
        "Disassociate",
        "AddRegion",
    )
    writes = [
        action
        for action in actions_of(catalogue, service, "Read", "List")
        if not action.partition(":")[2].startswith((*harmless, "ImportApplicationInstance"))
    ]
    assert writes
    assert [action for action in writes if permits(WIDEST, action, "*", **ALICE)] == []
    reads = actions_of(catalogue, service) - actions_of(catalogue, service, "Read", "List").keys()
    assert all(permits(WIDEST, action, "*", **ALICE) for action in reads)


@pytest.mark.parametrize(
    ("role", "account", "possible"),
    [
        pytest.param(f"{OURS}:role{PATH}operate", ACCOUNT, True, id="a declared role"),
        pytest.param(f"{OURS}:role/admin", ACCOUNT, False, id="another role of the account"),
        pytest.param(f"{OURS}:role/admin", None, False, id="another role of an unknown account"),
        pytest.param(f"{OURS}:role/legacy", ACCOUNT, True, id="one that is named"),
        pytest.param(
            "arn:aws:iam::222222222222:role/partner", "222222222222", True, id="another account's role"
        ),
    ],
)
def test_allows_to_assume_the_named_roles(role, account, possible):
    statements = boundary_statements(
        "aws", ACCOUNT, PATH, services=["s3"], roles_outside=[f"{OURS}:role/legacy"]
    )
    known = {"aws_ResourceAccount": account} if account else {}
    assert permits(statements, "sts:AssumeRole", role, **known) is possible


@pytest.mark.parametrize(
    ("action", "possible"),
    [
        pytest.param("s3:GetObject", True, id="a service named"),
        pytest.param("ec2:RunInstances", False, id="a service not named"),
        pytest.param("s3express:CreateSession", False, id="a service whose name has the same beginning"),
        pytest.param("sts:GetSessionToken", True, id="sts"),
        pytest.param("signin:CreateOAuth2Token", True, id="the command line's sign-in"),
        pytest.param("signin:PutConsoleAuthorizationConfiguration", False, id="the users who can sign in"),
        pytest.param("iam:CreateUser", False, id="IAM not named"),
    ],
)
def test_allows_what_is_named_and_nothing_else(action, possible):
    statements = boundary_statements("aws", ACCOUNT, PATH, services=["s3"])
    resource = f"{OURS}:user{PATH}alice" if action.startswith("iam:") else "*"
    assert permits(statements, action, resource, **ALICE) is possible


@pytest.mark.parametrize(
    "services", [[], ["s3"], ["iam"], ["*"]], ids=["none", "another", "IAM", "every one"]
)
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("iam:ChangePassword", f"{OURS}:user{PATH}alice", id="the forced change of the first password"),
        pytest.param("iam:GetAccountPasswordPolicy", "*", id="what a password must be like"),
        pytest.param("iam:CreateVirtualMFADevice", f"{OURS}:mfa/alice", id="a virtual device"),
        pytest.param("iam:CreateVirtualMFADevice", f"{OURS}:mfa/alice,phone", id="a second virtual device"),
        pytest.param("iam:EnableMFADevice", f"{OURS}:user{PATH}alice", id="a device or a passkey"),
        pytest.param("iam:ResyncMFADevice", f"{OURS}:user{PATH}alice", id="a device that lost step"),
        pytest.param("iam:ListMFADevices", f"{OURS}:user{PATH}alice", id="own devices"),
        pytest.param("iam:ListVirtualMFADevices", "*", id="the devices of the account"),
        pytest.param("iam:GetUser", f"{OURS}:user{PATH}alice", id="oneself"),
        pytest.param("iam:DeactivateMFADevice", f"{OURS}:user{PATH}alice", id="a lost phone"),
        pytest.param("iam:DeleteVirtualMFADevice", f"{OURS}:mfa/alice,phone", id="a device no longer used"),
    ],
)  # fmt: skip
def test_allows_self_service_with_any_services(services, action, resource):
    statements = boundary_statements("aws", ACCOUNT, PATH, services=services)
    assert permits(statements, action, resource, **ALICE, aws_MultiFactorAuthPresent="true")


def test_the_template_is_the_statements_and_the_description_is_constant():
    stack = new_stack()
    boundary = Boundary(stack, "Boundary", path=PATH, services=["s3", "ec2", "s3"])
    (policy,) = properties(stack, "AWS::IAM::ManagedPolicy").values()
    assert policy["PolicyDocument"] == policy_document(
        *boundary_statements("aws", ACCOUNT, PATH, services=["ec2", "s3"])
    )
    assert policy["Description"] == "What identities under this path may at most do"
    assert boundary.arn == BOUNDARY == f"arn:aws:iam::{ACCOUNT}:policy{PATH}{policy['ManagedPolicyName']}"


@pytest.mark.parametrize(
    "services", [[f"service-{number}" for number in range(40)], ["*"]], ids=["40", "all"]
)
def test_a_long_path_and_many_services_fit(services):
    statements = boundary_statements(
        "aws-us-gov",
        ACCOUNT,
        f"/{'p' * 100}/",
        services=services,
        stacks=["access-account", "access-data", "access-people", "access-roles", "access-workloads"],
    )
    assert document_size(policy_document(*statements)) <= MANAGED_QUOTA


@pytest.mark.parametrize(
    ("services", "message"),
    [
        pytest.param(
            ["S3:Get*"],
            "a permissions boundary is for named services; found `S3:Get*`; accepted: prefixes such as `s3`, or `*`",
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
