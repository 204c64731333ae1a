"""The identity keeper in the template: least privilege, no grants, and a retained log."""

from __future__ import annotations

import pytest

from access_constructs.account.settings import AccountAlias, PasswordPolicySetting
from access_constructs.identity_keeper import SERVICE_TIMEOUT, IdentityKeeper
from tests.constructs.keeper_runs import SOURCE
from tests.constructs.synthesis import ACCOUNT, PATH, REGION, TOKEN, new_stack, properties, resources

USERS = f"arn:aws:iam::{ACCOUNT}:user{PATH}*"
GRANTING = {
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:PassRole",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
}


@pytest.fixture(scope="module")
def stack():
    made = new_stack()
    IdentityKeeper(made, "Keeper", path=PATH)
    return made


def one(stack, kind):
    (found,) = properties(stack, kind).values()
    return found


def statements(stack, name="keywright-keeper"):
    policies = properties(stack, "AWS::IAM::ManagedPolicy").values()
    (document,) = (each["PolicyDocument"] for each in policies if each["ManagedPolicyName"] == name)
    return {each["Sid"]: each for each in document["Statement"]}


def actions(statement):
    return {statement["Action"]} if isinstance(statement["Action"], str) else set(statement["Action"])


def test_the_role_has_one_policy_that_is_also_its_boundary(stack):
    role = one(stack, "AWS::IAM::Role")
    policy = {"Ref": "ManagedPolicy0keywrightX2dkeeper"}
    assert (role["ManagedPolicyArns"], role["PermissionsBoundary"]) == ([policy], policy)
    assert "Policies" not in role
    assert (role["Path"], role["RoleName"]) == (PATH, "keywright-identity-keeper")


def test_the_keeper_can_revoke_and_never_grant(stack):
    found = statements(stack)
    everything = set().union(*map(actions, found.values()))
    assert not everything & GRANTING
    assert not any("*" in action for action in everything)
    assert found["DenyAll"] == {
        "Sid": "DenyAll",
        "Effect": "Allow",
        "Action": "iam:AttachUserPolicy",
        "Resource": USERS,
        "Condition": {"ArnEquals": {"iam:PolicyARN": {"Ref": "ManagedPolicy0keywrightX2ddenyX2dall"}}},
    }
    assert statements(stack, "keywright-deny-all") == {
        "Left": {"Sid": "Left", "Effect": "Deny", "Action": "*", "Resource": "*"}
    }


def test_every_action_on_users_is_limited_to_the_path(stack, catalogue):
    for statement in statements(stack).values():
        for action in (each for each in actions(statement) if each.startswith("iam:")):
            details = catalogue.actions.get_action_details("iam", action.removeprefix("iam:"))
            if any(each["name"] == "user" for each in details["resourceTypes"]):
                assert statement["Resource"] == USERS, action


def test_every_action_exists(stack, catalogue):
    for statement in statements(stack).values():
        for action in actions(statement):
            assert catalogue.actions.action_exists(*action.split(":")), action


def test_the_keeper_writes_first_passwords_and_reads_none(stack):
    found = statements(stack)["FirstPasswords"]
    assert found["Resource"] == f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:keywright/first-password/*"
    assert actions(found) == {"secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"}


def test_the_role_allows_every_call_of_the_source(stack):
    """Every operation named in the source, as the action that allows it."""
    granted = set().union(*map(actions, statements(stack).values()))
    source = SOURCE.read_text()
    for action in granted - {"logs:CreateLogStream", "logs:PutLogEvents"}:
        assert f'"{snake(action.partition(":")[2])}"' in source, action


def snake(action):
    from botocore import xform_name

    return xform_name(action)


def test_the_function_is_its_source_inline_on_the_current_runtime(stack):
    function = one(stack, "AWS::Lambda::Function")
    assert function["Code"] == {"ZipFile": SOURCE.read_text()}
    assert (function["Runtime"], function["Handler"], function["Timeout"]) == (
        "python3.14",
        "index.handler",
        290,
    )
    assert TOKEN.endswith(f":function:{function['FunctionName']}")
    assert function["LoggingConfig"] == {"LogGroup": {"Ref": "LogGroup0keywrightX2didentityX2dkeeper"}}


def test_drops_events_older_than_cloudformations_timeout(stack):
    assert one(stack, "AWS::Lambda::EventInvokeConfig")["MaximumEventAgeInSeconds"] == SERVICE_TIMEOUT


def test_the_log_is_retained(stack):
    (log,) = (each for each in resources(stack).values() if each["Type"] == "AWS::Logs::LogGroup")
    assert (log["UpdateReplacePolicy"], log["DeletionPolicy"]) == ("Retain", "RetainExceptOnCreate")
    assert log["Properties"] == {"RetentionInDays": 400}


def test_sets_every_field_of_the_account_with_a_timeout_of_minutes():
    stack = new_stack()
    PasswordPolicySetting(stack, "Policy", keeper_token=TOKEN, maximum_age_days=90, symbols=False)
    AccountAlias(stack, "Alias", keeper_token=TOKEN, alias="acme")
    common = {"ServiceToken": TOKEN, "ServiceTimeout": SERVICE_TIMEOUT}
    assert resources(stack) == {
        "PasswordPolicy0account": {
            "Type": "Custom::PasswordPolicy",
            "Properties": {
                **common,
                "MinimumPasswordLength": 14,
                "PasswordReusePrevention": 24,
                "MaxPasswordAge": 90,
                "RequireSymbols": False,
                "RequireNumbers": True,
                "RequireUppercaseCharacters": True,
                "RequireLowercaseCharacters": True,
                "AllowUsersToChangePassword": True,
            },
        },
        "AccountAlias0account": {
            "Type": "Custom::AccountAlias",
            "Properties": {**common, "AccountAlias": "acme"},
        },
    }
