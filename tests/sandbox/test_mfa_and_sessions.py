"""MFA devices need real codes, and temporary credentials have what AWS documents.

What passes here because of a repair proves the repair, not AWS.
"""

from datetime import timedelta

import pytest

from keywright.sandbox.client import clock
from keywright.sandbox.client.authenticator import Authenticator
from tests.sandbox.cloud import ACCOUNT, allow, code_of, deny, is_allowed

PRESENT = "aws:MultiFactorAuthPresent"


def session(answer):
    given = answer["Credentials"]
    return given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]


def device(cloud, user, name="phone"):
    """Register a device for a user; return its serial number and the app that shows its codes."""
    made = cloud.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    app = Authenticator(cloud.endpoint, made["Base32StringSeed"])
    first, second = app.two_codes()
    cloud.iam.enable_mfa_device(
        UserName=user,
        SerialNumber=made["SerialNumber"],
        AuthenticationCode1=first,
        AuthenticationCode2=second,
    )
    return made["SerialNumber"], app


def with_mfa(cloud, key, serial, app):
    return session(cloud.client("sts", key).get_session_token(SerialNumber=serial, TokenCode=app.code()))


def test_device_is_enabled_by_two_consecutive_codes_only(cloud):
    """The IAM API Reference "EnableMFADevice"."""
    cloud.iam.create_user(UserName="alice")
    made = cloud.iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    first, second = Authenticator(cloud.endpoint, made["Base32StringSeed"]).two_codes()
    enable = {"UserName": "alice", "SerialNumber": made["SerialNumber"]}
    for pair in (("000000", "111111"), (second, first), (first, first)):
        codes = dict(zip(("AuthenticationCode1", "AuthenticationCode2"), pair, strict=True))
        assert code_of(cloud.iam.enable_mfa_device, **enable, **codes) == "InvalidAuthenticationCode"
    cloud.iam.enable_mfa_device(**enable, AuthenticationCode1=first, AuthenticationCode2=second)
    assert cloud.iam.get_mfa_device(SerialNumber=made["SerialNumber"])["UserName"] == "alice"
    [listed] = cloud.iam.list_mfa_devices(UserName="alice")["MFADevices"]
    assert listed["SerialNumber"] == made["SerialNumber"]


def test_code_counts_once(cloud):
    """Code status in "MFA in IAM": a code is used once."""
    key = cloud.user("alice")
    serial, app = device(cloud, "alice")
    code = app.code()
    sts = cloud.client("sts", key)
    sts.get_session_token(SerialNumber=serial, TokenCode=code)
    assert code_of(sts.get_session_token, SerialNumber=serial, TokenCode=code) == "AccessDenied"


def test_codes_keep_working_when_the_clock_is_set_back(cloud):
    key = cloud.user("alice")
    serial, app = device(cloud, "alice")
    clock.advance(cloud.endpoint, timedelta(days=400))
    with_mfa(cloud, key, serial, app)
    clock.unset(cloud.endpoint)
    for _ in range(4):
        with_mfa(cloud, key, serial, app)


def test_code_of_another_users_device_is_refused(cloud):
    key = cloud.user("alice")
    cloud.user("bob")
    serial, app = device(cloud, "bob")
    refused = code_of(cloud.client("sts", key).get_session_token, SerialNumber=serial, TokenCode=app.code())
    assert refused == "AccessDenied"


@pytest.mark.parametrize(
    ("condition", "long_term", "temporary", "multi_factor"),
    [
        pytest.param({"Bool": {PRESENT: "true"}}, False, False, True, id="Bool true"),
        pytest.param({"Bool": {PRESENT: "false"}}, False, True, False, id="Bool false"),
        pytest.param({"BoolIfExists": {PRESENT: "false"}}, True, True, False, id="BoolIfExists false"),
        pytest.param({"Null": {PRESENT: "true"}}, True, False, False, id="absent"),
        pytest.param({"NumericLessThan": {"aws:MultiFactorAuthAge": "600"}}, False, False, True, id="age"),
    ],
)
def test_mfa_is_absent_false_or_true(cloud, condition, long_term, temporary, multi_factor):
    """AWS global condition context keys: aws:MultiFactorAuthPresent, aws:MultiFactorAuthAge."""
    key = cloud.user("alice", allow("ssm:DescribeParameters", "*", condition))
    serial, app = device(cloud, "alice")
    plain = session(cloud.client("sts", key).get_session_token())
    coded = with_mfa(cloud, key, serial, app)
    found = [is_allowed(cloud.client("ssm", each).describe_parameters) for each in (key, plain, coded)]
    assert found == [long_term, temporary, multi_factor]


def test_mfa_age_grows(cloud):
    """AWS global condition context keys: aws:MultiFactorAuthAge."""
    key = cloud.user("alice", allow("ssm:*", "*", {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}))
    coded = with_mfa(cloud, key, *device(cloud, "alice"))
    assert is_allowed(cloud.client("ssm", coded).describe_parameters)
    clock.advance(cloud.endpoint, timedelta(hours=1))
    assert not is_allowed(cloud.client("ssm", coded).describe_parameters)


def test_session_token_acts_as_the_user(cloud):
    """The AWS STS API Reference "GetSessionToken"."""
    key = cloud.user("alice", allow("ssm:DescribeParameters"))
    plain = session(cloud.client("sts", key).get_session_token())
    assert cloud.client("sts", plain).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/alice"
    assert is_allowed(cloud.client("ssm", plain).describe_parameters)
    assert code_of(cloud.client("sts", plain).get_session_token) == "AccessDenied"
    assert not is_allowed(cloud.client("ssm", plain[:2]).describe_parameters)


def test_session_token_reaches_iam_only_with_mfa(cloud):
    """The AWS STS API Reference "GetSessionToken": no IAM API unless MFA information is included."""
    key = cloud.user("alice", allow("iam:ListUsers"))
    serial, app = device(cloud, "alice")
    assert is_allowed(cloud.client("iam", key).list_users)
    plain = session(cloud.client("sts", key).get_session_token())
    assert code_of(cloud.client("iam", plain).list_users) == "InvalidClientTokenId"
    assert is_allowed(cloud.client("iam", with_mfa(cloud, key, serial, app)).list_users)


def test_stolen_key_registers_no_device_with_the_guard(cloud):
    """Allows MFA-authenticated IAM users to manage their own MFA device: a guard of NotAction and a second Deny."""
    unguarded = [
        "iam:ListMFADevices",
        "iam:EnableMFADevice",
        "iam:CreateVirtualMFADevice",
        "sts:GetSessionToken",
    ]
    guard = {
        "Effect": "Deny", "NotAction": unguarded, "Resource": "*", "Condition": {"BoolIfExists": {PRESENT: "false"}},
    }  # fmt: skip
    enrolment = deny(["iam:EnableMFADevice", "iam:CreateVirtualMFADevice"], "*", {"Null": {PRESENT: "true"}})
    key = cloud.user("alice", allow("*"), guard, enrolment)
    serial, app = device(cloud, "alice")
    thief = cloud.client("iam", key)
    assert not is_allowed(thief.create_virtual_mfa_device, VirtualMFADeviceName="mine")
    assert not is_allowed(thief.list_users)
    assert is_allowed(thief.list_mfa_devices)
    assert is_allowed(cloud.client("iam", with_mfa(cloud, key, serial, app)).list_users)


def test_deactivated_device_gives_no_session(cloud):
    """The IAM API Reference "DeactivateMFADevice"."""
    key = cloud.user("alice")
    serial, app = device(cloud, "alice")
    cloud.iam.deactivate_mfa_device(UserName="alice", SerialNumber=serial)
    assert not is_allowed(
        cloud.client("sts", key).get_session_token, SerialNumber=serial, TokenCode=app.code()
    )
    cloud.iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert cloud.iam.list_virtual_mfa_devices(AssignmentStatus="Any")["VirtualMFADevices"] == []
