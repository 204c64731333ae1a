"""Passwords satisfy the account's policy, and a person signs in step by step.

AWS: "Set an account password policy for IAM users", "How an IAM user changes their own password", "How IAM
users sign in to your AWS account" in the IAM User Guide. The console is a page and no API: the steps are
AWS's, the calls are ours.
"""

from datetime import timedelta

import pytest

from keywright.sandbox.client import clock
from keywright.sandbox.client.console import sign_in
from keywright.sandbox.client.control import ControlRefused
from tests.sandbox.cloud import ACCOUNT, allow, code_of, deny, is_allowed, resource
from tests.sandbox.test_mfa_and_sessions import device

GOOD, BETTER, BEST = "Correct-horse-1", "Battery-staple-2", "Another-horse-3"
STRICT = {
    "MinimumPasswordLength": 14,
    "RequireSymbols": True,
    "RequireNumbers": True,
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "PasswordReusePrevention": 2,
}
CHANGE = allow(["iam:ChangePassword", "iam:GetAccountPasswordPolicy"])


def person(cloud, name="alice", *statements, reset=False):
    key = cloud.user(name, *statements)
    cloud.iam.create_login_profile(UserName=name, Password=GOOD, PasswordResetRequired=reset)
    return key


def signed_in(cloud, *arguments, **more):
    given = sign_in(cloud.endpoint, *arguments, **more)
    return given.access_key_id, given.secret_access_key, given.session_token


def refusal(cloud, *arguments, **more):
    with pytest.raises(ControlRefused) as caught:
        sign_in(cloud.endpoint, *arguments, **more)
    return caught.value.code


@pytest.mark.parametrize(
    ("policy", "password", "good"),
    [
        pytest.param(None, "Abcdef1!", True, id="AWS's own: eight characters of three kinds"),
        pytest.param(None, "abcdefgh1!", True, id="AWS's own: any three kinds"),
        pytest.param(None, "abcdefgh1", False, id="AWS's own: two kinds"),
        pytest.param(None, "Abcde1!", False, id="AWS's own: seven characters"),
        pytest.param(None, "Alice-in-1", False, id="AWS's own: the user's name"),
        pytest.param(STRICT, GOOD, True, id="strict"),
        pytest.param(STRICT, "Correct-horse1"[:13], False, id="strict: too short"),
        pytest.param(STRICT, "correct-horse-1", False, id="strict: no uppercase letter"),
        pytest.param(STRICT, "CORRECT-HORSE-1", False, id="strict: no lowercase letter"),
        pytest.param(STRICT, "Correct-horse-x", False, id="strict: no number"),
        pytest.param(STRICT, "CorrectHorse123", False, id="strict: no symbol"),
        pytest.param(STRICT, "Correct~horse~1", False, id="strict: no symbol of IAM's"),
        pytest.param({}, "aaaaaa", True, id="a policy without conditions"),
    ],
)
def test_password_must_satisfy_the_policy(cloud, policy, password, good):
    if policy is not None:
        cloud.iam.update_account_password_policy(**policy)
    cloud.iam.create_user(UserName="Alice-in-1")
    create = cloud.iam.create_login_profile
    if good:
        create(UserName="Alice-in-1", Password=password)
    else:
        assert code_of(create, UserName="Alice-in-1", Password=password) == "PasswordPolicyViolation"


def test_updated_policy_resets_omitted_fields(cloud):
    """The IAM API Reference "UpdateAccountPasswordPolicy": this operation does not support partial updates."""
    cloud.iam.update_account_password_policy(**STRICT)
    cloud.iam.update_account_password_policy(RequireNumbers=True)
    found = cloud.iam.get_account_password_policy()["PasswordPolicy"]
    assert (found["MinimumPasswordLength"], found["RequireNumbers"], found["RequireSymbols"]) == (
        6,
        True,
        False,
    )
    assert "PasswordReusePrevention" not in found


def test_user_changes_the_password_with_permission_only(cloud):
    """The IAM API Reference "ChangePassword"."""
    alice = cloud.client("iam", person(cloud, "alice", CHANGE))
    bob = cloud.client("iam", person(cloud, "bob"))
    change = {"OldPassword": GOOD, "NewPassword": BETTER}
    assert is_allowed(alice.change_password, **change)
    assert not is_allowed(bob.change_password, **change)
    assert refusal(cloud, "alice", GOOD) == "InvalidCredentials"
    signed_in(cloud, "alice", BETTER)


def test_password_policy_alone_can_allow_users_to_change_theirs(cloud):
    """Set an account password policy for IAM users: Allow users to change their own password."""
    cloud.iam.update_account_password_policy(**STRICT, AllowUsersToChangePassword=True)
    alice = cloud.client("iam", person(cloud, "alice"))
    bob = cloud.client("iam", person(cloud, "bob", deny("iam:ChangePassword")))
    change = {"OldPassword": GOOD, "NewPassword": BETTER}
    assert (is_allowed(alice.change_password, **change), is_allowed(bob.change_password, **change)) == (
        True,
        False,
    )


def test_change_needs_the_old_password_and_refuses_recent_ones(cloud):
    """The IAM API Reference "ChangePassword"; Set an account password policy: Prevent password reuse."""
    cloud.iam.update_account_password_policy(**STRICT)
    change = cloud.client("iam", person(cloud, "alice", CHANGE)).change_password
    assert code_of(change, OldPassword=BEST, NewPassword=BETTER) == "AccessDenied"
    assert code_of(change, OldPassword=GOOD, NewPassword=GOOD) == "PasswordPolicyViolation"
    change(OldPassword=GOOD, NewPassword=BETTER)
    assert code_of(change, OldPassword=BETTER, NewPassword=GOOD) == "PasswordPolicyViolation"
    change(OldPassword=BETTER, NewPassword=BEST)
    change(OldPassword=BEST, NewPassword=GOOD)


def test_sign_in_gives_a_session_of_the_user_without_mfa(cloud):
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    person(cloud, "alice", allow("ssm:*", "*", condition), allow("iam:ListUsers"))
    given = signed_in(cloud, "alice", GOOD)
    assert cloud.client("sts", given).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/alice"
    assert is_allowed(cloud.client("ssm", given).describe_parameters)
    assert is_allowed(cloud.client("iam", given).list_users)


def test_sign_in_with_a_code_gives_a_session_with_mfa(cloud):
    person(cloud, "alice", allow("ssm:*", "*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    _, app = device(cloud, "alice")
    assert refusal(cloud, "alice", GOOD) == "MfaRequired"
    assert refusal(cloud, "alice", GOOD, "000000") == "InvalidMfaCode"
    assert is_allowed(cloud.client("ssm", signed_in(cloud, "alice", GOOD, app.code())).describe_parameters)


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_wrong_name_and_wrong_password_give_the_same_error(cloud, name):
    person(cloud)
    assert refusal(cloud, name, BETTER) == "InvalidCredentials"


def test_first_password_must_be_changed_before_anything_else(cloud):
    person(cloud, "alice", CHANGE, allow("ssm:*"), reset=True)
    assert refusal(cloud, "alice", GOOD) == "PasswordResetRequired"
    assert refusal(cloud, "alice", GOOD, new_password="short") == "PasswordPolicyViolation"
    assert refusal(cloud, "alice", GOOD, new_password=GOOD) == "PasswordPolicyViolation"
    given = signed_in(cloud, "alice", GOOD, new_password=BETTER)
    assert is_allowed(cloud.client("ssm", given).describe_parameters)
    assert cloud.iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"] is False
    signed_in(cloud, "alice", BETTER)


def test_one_code_does_for_signing_in_and_setting_a_new_password(cloud):
    person(cloud, "alice", CHANGE, reset=True)
    _, app = device(cloud, "alice")
    code = app.code()
    assert refusal(cloud, "alice", GOOD, code) == "PasswordResetRequired"
    signed_in(cloud, "alice", GOOD, code, BETTER)
    assert refusal(cloud, "alice", BETTER, code) == "InvalidMfaCode"


def test_first_password_cannot_be_changed_without_permission(cloud):
    person(cloud, "alice", reset=True)
    assert refusal(cloud, "alice", GOOD, new_password=BETTER) == "AccessDenied"
    assert refusal(cloud, "alice", GOOD) == "PasswordResetRequired"


def test_first_password_can_be_changed_with_a_guard_that_allows_it(cloud):
    """Allows MFA-authenticated IAM users to manage their own credentials: without ChangePassword nobody gets in."""
    condition = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    guard = {"Effect": "Deny", "NotAction": ["iam:ChangePassword"], "Resource": "*", "Condition": condition}
    person(cloud, "alice", CHANGE, guard, reset=True)
    person(cloud, "bob", CHANGE, {**guard, "NotAction": ["iam:GetUser"]}, reset=True)
    signed_in(cloud, "alice", GOOD, new_password=BETTER)
    assert refusal(cloud, "bob", GOOD, new_password=BETTER) == "AccessDenied"


def test_password_expires(cloud):
    """Set an account password policy for IAM users: password expiration."""
    cloud.iam.update_account_password_policy(**STRICT, MaxPasswordAge=90)
    person(cloud, "alice", CHANGE)
    clock.advance(cloud.endpoint, timedelta(days=91))
    assert refusal(cloud, "alice", GOOD) == "PasswordResetRequired"
    cloud.iam.update_account_password_policy(**STRICT, MaxPasswordAge=90, HardExpiry=True)
    assert refusal(cloud, "alice", GOOD, new_password=BETTER) == "PasswordExpired"


def test_administrators_reset_allows_sign_in_again(cloud):
    """The IAM API Reference "UpdateLoginProfile"."""
    person(cloud, "alice", CHANGE)
    cloud.iam.update_login_profile(UserName="alice", Password=BETTER, PasswordResetRequired=True)
    assert refusal(cloud, "alice", GOOD) == "InvalidCredentials"
    assert refusal(cloud, "alice", BETTER) == "PasswordResetRequired"


def test_deleted_login_allows_no_sign_in(cloud):
    """The IAM API Reference "DeleteLoginProfile"."""
    person(cloud)
    cloud.iam.delete_login_profile(UserName="alice")
    assert refusal(cloud, "alice", GOOD) == "InvalidCredentials"


def test_command_line_login_needs_its_two_actions(cloud):
    """Login for AWS local development using console credentials, in the AWS CLI User Guide."""
    both = ["signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token"]
    person(cloud, "alice", allow(both, f"arn:aws:signin:*:{ACCOUNT}:oauth2/public-client/localhost"))
    person(cloud, "bob", allow(both[:1]))
    signed_in(cloud, "alice", GOOD, command_line=True)
    assert refusal(cloud, "bob", GOOD, command_line=True) == "AccessDenied"
    signed_in(cloud, "bob", GOOD)


def test_login_profile_of_a_template_is_checked_against_the_policy(cloud):
    """AWS::IAM::User LoginProfile."""
    cloud.iam.update_account_password_policy(**STRICT)
    user = {"U": resource("AWS::IAM::User", UserName="alice", LoginProfile={"Password": "short"})}
    assert "PasswordPolicyViolation" in cloud.deploy(user).reasons["U"]
    cloud.reset()
    user["U"]["Properties"]["LoginProfile"] = {"Password": GOOD, "PasswordResetRequired": True}
    assert cloud.deploy(user).status == "CREATE_COMPLETE"
    assert refusal(cloud, "alice", GOOD) == "PasswordResetRequired"


def test_credentials_do_not_show_their_secrets(cloud):
    person(cloud)
    given = sign_in(cloud.endpoint, "alice", GOOD)
    assert given.secret_access_key not in repr(given)
    assert given.session_token not in repr(given)
