"""The MFA guard: without MFA only the setup of MFA is allowed; with a stolen key, not even that."""

from __future__ import annotations

import json

import pytest

from access_constructs.people.mfa_guard import GuardGroup, MfaGuard
from keywright.policy.compaction import merge_statements
from keywright.policy.statement import Statement
from keywright.statements.self_service import guard_statements, self_service_statements
from tests.constructs.synthesis import ACCOUNT, PATH, new_stack, properties, resources
from tests.unit.statements.policy_checks import permits

SET_UP = {
    "iam:ChangePassword",
    "iam:GetAccountPasswordPolicy",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
}
BY_CONSOLE_ONLY = {"iam:CreateVirtualMFADevice", "iam:EnableMFADevice"}
EVERYTHING = Statement(actions=("*",), resources=("*",))
SELF_SERVICE = self_service_statements("aws", ACCOUNT, PATH)


def every_action(catalogue):
    return [
        f"{service}:{action}"
        for service in catalogue.services.get_service_keys()
        for action in catalogue.actions.get_actions_for_service(service)
    ]


@pytest.mark.parametrize(
    ("context", "possible"),
    [
        pytest.param(
            {"aws_MultiFactorAuthPresent": "true"}, lambda _: True, id="with MFA, all that is granted"
        ),
        pytest.param(
            {"aws_MultiFactorAuthPresent": "false"}, SET_UP.__contains__, id="console without MFA, the set-up"
        ),
        pytest.param({}, (SET_UP - BY_CONSOLE_ONLY).__contains__, id="a long-term key, no device"),
    ],
)
def test_the_guard_on_every_action_of_aws(catalogue, context, possible):
    statements = (EVERYTHING, *guard_statements())
    everything = every_action(catalogue)
    assert set(everything) >= SET_UP
    found = {action for action in everything if permits(statements, action, "arn:aws:s3:::x", **context)}
    assert found == set(filter(possible, everything))


def test_the_guard_is_this_document_and_no_other(root):
    stack = new_stack()
    guard = MfaGuard(stack, "Guard", path=PATH)
    (policy,) = resources(stack).items()
    golden = root / "tests/golden/mfa_guard.json"
    assert json.loads(golden.read_text()) == dict([policy])
    assert guard.arn == f"arn:aws:iam::{ACCOUNT}:policy{PATH}keywright-mfa-guard"


ME = {"aws_username": "alice", "aws_MultiFactorAuthPresent": "true"}
OWN = f"arn:aws:iam::{ACCOUNT}:user{PATH}alice"
OTHER = f"arn:aws:iam::{ACCOUNT}:user{PATH}bob"
DEVICES = f"arn:aws:iam::{ACCOUNT}:mfa"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("iam:ChangePassword", OWN, id="own password"),
        pytest.param("iam:CreateVirtualMFADevice", f"{DEVICES}/alice", id="a virtual device"),
        pytest.param("iam:CreateVirtualMFADevice", f"{DEVICES}/alice,phone", id="a second device"),
        pytest.param("iam:EnableMFADevice", OWN, id="a device or a passkey of the user"),
        pytest.param("iam:DeactivateMFADevice", OWN, id="a lost phone"),
        pytest.param("iam:ListMFADevices", OWN, id="own devices"),
        pytest.param("iam:GetAccountPasswordPolicy", "*", id="the password policy"),
    ],
)
def test_allows_everybody_to_manage_their_own_mfa(action, resource):
    assert permits(SELF_SERVICE, action, resource, **ME)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("iam:ChangePassword", OTHER, id="another user's password"),
        pytest.param("iam:EnableMFADevice", OTHER, id="another user's device"),
        pytest.param("iam:DeactivateMFADevice", OTHER, id="another user's device deactivated"),
        pytest.param("iam:CreateVirtualMFADevice", f"{DEVICES}/bob", id="a device with another user's name"),
        pytest.param("iam:CreateVirtualMFADevice", f"{DEVICES}/alice2", id="a device of alice2"),
        pytest.param(
            "iam:DeleteVirtualMFADevice", f"{DEVICES}/alice.b", id="a device of alice.b, not enrolled yet"
        ),
        pytest.param(
            "iam:DeleteVirtualMFADevice", f"{DEVICES}/alice@acme.example", id="a device of a longer name"
        ),
        pytest.param("iam:ChangePassword", f"{OWN}2", id="the password of alice2"),
        pytest.param("iam:EnableMFADevice", f"{OWN}2", id="a device for alice2"),
        pytest.param(
            "iam:EnableMFADevice",
            f"arn:aws:iam::{ACCOUNT}:user/alice",
            id="a user of the same name outside the path",
        ),
        pytest.param("iam:CreateAccessKey", OWN, id="a given key"),
        pytest.param("iam:UploadSSHPublicKey", OWN, id="an SSH key of the user"),
        pytest.param("iam:CreateServiceSpecificCredential", OWN, id="a service's password"),
        pytest.param("iam:CreateLoginProfile", OWN, id="a login"),
        pytest.param("iam:PutUserPolicy", OWN, id="a policy for the user itself"),
        pytest.param("iam:AttachUserPolicy", OWN, id="a policy attached to the user itself"),
        pytest.param("iam:DeleteUserPermissionsBoundary", OWN, id="no boundary"),
        pytest.param(
            "iam:AddUserToGroup", f"arn:aws:iam::{ACCOUNT}:group{PATH}administrators", id="another group"
        ),
    ],
)
def test_no_other_identity_administers_the_key(action, resource):
    assert not permits(SELF_SERVICE, action, resource, **ME)


def test_removing_a_device_needs_mfa_with_any_guard():
    assert not permits(SELF_SERVICE, "iam:DeactivateMFADevice", OWN, aws_username="alice")


def test_allows_no_self_service_without_a_user_name():
    assert not permits(SELF_SERVICE, "iam:ChangePassword", OWN)


def test_the_guards_group_has_the_guard_and_self_service():
    stack = new_stack()
    guard = GuardGroup(stack, "Guard", path=PATH)
    assert stack.resolve(guard.name) == {"Ref": "Group0mfaX2dguard"}
    (group,) = properties(stack, "AWS::IAM::Group").values()
    assert (group["GroupName"], group["ManagedPolicyArns"]) == (
        "mfa-guard",
        [MfaGuard.arn_in("aws", ACCOUNT, PATH)],
    )
    stated = group["Policies"][0]["PolicyDocument"]["Statement"]
    assert stated == [each.to_json() for each in merge_statements(SELF_SERVICE)]
