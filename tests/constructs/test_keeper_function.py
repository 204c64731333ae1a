"""The identity keeper's function in the sandbox account: each event of a custom resource."""

from __future__ import annotations

import json
import string
from contextlib import contextmanager

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from keywright.sandbox.account import Sandbox
from tests.constructs.furnished_user import NOTHING, everything, furnish, has_login
from tests.constructs.keeper_runs import keeping, source_as_module
from tests.paging import page_by_page
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud, allow, deny, policy, resource

PATH = "/access/"
DENY_ALL = f"arn:aws:iam::{ACCOUNT}:policy{PATH}keywright-deny-all"
SECRET = "keywright/first-password/alice"
STRICT = {
    "MinimumPasswordLength": "14",
    "PasswordReusePrevention": "24",
    "RequireSymbols": "true",
    "RequireNumbers": "true",
    "RequireUppercaseCharacters": "true",
    "RequireLowercaseCharacters": "true",
    "AllowUsersToChangePassword": "true",
}


@pytest.fixture(scope="module")
def sandbox_cloud(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("keeper"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        yield cloud
        cloud.close()


@pytest.fixture
def cloud(sandbox_cloud):
    """An account with the deny-all policy, a group, and alice with her empty secret."""
    sandbox_cloud.reset()
    sandbox_cloud.iam.create_policy(
        PolicyName="keywright-deny-all", Path=PATH, PolicyDocument=policy(("Deny", "*", "*"))
    )
    sandbox_cloud.iam.create_group(GroupName="readers", Path=PATH)
    create_new_user(sandbox_cloud)
    sandbox_cloud.client("secretsmanager").create_secret(Name=SECRET)
    return sandbox_cloud


@pytest.fixture(scope="module")
def running_keeper(sandbox_cloud):
    with keeping(sandbox_cloud.environment, DENY_ALL=DENY_ALL) as keeper:
        yield keeper


@pytest.fixture
def keeper(running_keeper, cloud):
    running_keeper.stack_id = deployed_stack(cloud)
    return running_keeper


@contextmanager
def restricted_keeper(cloud, action):
    """Run the function as a user that is allowed everything except some actions."""
    key, secret = cloud.user("keeper", allow("*"), deny(action))
    more = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "DENY_ALL": DENY_ALL}
    with keeping(cloud.environment, **more) as keeper:
        keeper.stack_id = deployed_stack(cloud)
        keeper.module.SETTLING_SECONDS = 0
        yield keeper


def create_new_user(cloud, name="alice"):
    cloud.iam.create_user(UserName=name, Path=PATH)


def deployed_stack(cloud):
    """Return a stack that deploys without errors."""
    cloud.deploy({"Nothing": resource("AWS::CloudFormation::WaitConditionHandle")}, "settled")
    return stack_id(cloud, "settled")


def rolled_back(cloud):
    """Return a stack that rolled back."""
    cloud.deploy({"Bad": resource("AWS::IAM::User", UserName="alice", Path=PATH)}, "failed")
    assert (
        "ROLLBACK"
        in cloud.client("cloudformation").describe_stacks(StackName="failed")["Stacks"][0]["StackStatus"]
    )
    return stack_id(cloud, "failed")


def stack_id(cloud, name):
    return cloud.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackId"]


def unique_id(cloud, name="alice"):
    return cloud.iam.get_user(UserName=name)["User"]["UserId"]


def secret_value(cloud):
    return json.loads(cloud.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"])


def first_sign_in(keeper, request_type="Create", **more):
    return keeper.send("FirstSignIn", request_type, UserName="alice", SecretId=SECRET, **more)


def leaving(keeper, request_type, **more):
    return keeper.send("Leaving", request_type, UserName="alice", **more)


def test_first_sign_in_writes_the_secret_before_the_login_exists(keeper, cloud):
    answer = first_sign_in(keeper)
    assert (answer["Status"], answer["PhysicalResourceId"]) == (
        "SUCCESS",
        f"first-sign-in/{unique_id(cloud)}/made",
    )
    assert keeper.calls[-2:] == ["PutSecretValue", "CreateLoginProfile"]
    assert cloud.iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"]
    assert secret_value(cloud)["user_name"] == "alice"


def test_the_password_never_leaves_the_function(keeper, cloud, capsys):
    answer = first_sign_in(keeper)
    assert secret_value(cloud)["password"] not in json.dumps(answer) + capsys.readouterr().out


def test_keeps_an_existing_login(keeper, cloud):
    cloud.iam.create_login_profile(UserName="alice", Password="Chosen-by-alice-1")
    answer = first_sign_in(keeper)
    assert answer["PhysicalResourceId"].endswith("/found")
    assert "PutSecretValue" not in keeper.calls


def test_create_delivered_again_recognizes_its_own_login(keeper, cloud):
    first = first_sign_in(keeper)
    password = secret_value(cloud)["password"]
    assert first_sign_in(keeper)["PhysicalResourceId"] == first["PhysicalResourceId"]
    assert secret_value(cloud)["password"] == password


def test_create_delivered_again_finishes_an_interrupted_run(keeper, cloud):
    cloud.client("secretsmanager").put_secret_value(
        SecretId=SECRET, SecretString="never set", ClientRequestToken="keywright-" + 32 * "0"
    )
    assert first_sign_in(keeper)["PhysicalResourceId"].endswith("/made")
    assert has_login(cloud)
    assert secret_value(cloud)["password"]


@pytest.mark.parametrize("kind", ["FirstSignIn", "Leaving"])
def test_an_update_does_nothing(keeper, kind):
    answer = keeper.send(kind, "Update", physical_id="whatever/it/was", UserName="alice", SecretId=SECRET)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "whatever/it/was")
    assert keeper.calls == []


@pytest.mark.parametrize("origin", ["made", "found"])
def test_delete_removes_the_login(keeper, cloud, origin):
    cloud.iam.create_login_profile(UserName="alice", Password="Chosen-by-alice-1")
    first_sign_in(keeper, "Delete", physical_id=f"first-sign-in/{unique_id(cloud)}/{origin}")
    assert not has_login(cloud)


def test_a_rollback_removes_its_own_login_and_keeps_an_existing_one(keeper, cloud):
    keeper.stack_id = rolled_back(cloud)
    cloud.iam.create_login_profile(UserName="alice", Password="Chosen-by-alice-1")
    first_sign_in(keeper, "Delete", physical_id=f"first-sign-in/{unique_id(cloud)}/found")
    assert has_login(cloud)
    first_sign_in(keeper, "Delete", physical_id=f"first-sign-in/{unique_id(cloud)}/made")
    assert not has_login(cloud)


STRANGE_IDS = [
    pytest.param("nothing", id="a create that failed early"),
    pytest.param("settled-FirstSignIn-1ABCDEF", id="a create that never answered"),
    pytest.param("leaving/AIDAFORMERALICE00000", id="an earlier alice"),
    pytest.param("first-sign-in/AIDAFORMERALICE00000/made", id="an earlier alice's login"),
]


@pytest.mark.parametrize("kind", ["FirstSignIn", "Leaving"])
@pytest.mark.parametrize("physical_id", STRANGE_IDS)
def test_delete_of_another_user_changes_nothing(keeper, cloud, kind, physical_id):
    furnish(cloud)
    before = everything(cloud)
    answer = keeper.send(kind, "Delete", physical_id=physical_id, UserName="alice", SecretId=SECRET)
    assert answer["Status"] == "SUCCESS"
    assert everything(cloud) == before


@pytest.mark.parametrize("kind", ["FirstSignIn", "Leaving"])
def test_delete_of_a_deleted_user_succeeds(keeper, cloud, kind):
    gone = unique_id(cloud)
    cloud.iam.delete_user(UserName="alice")
    assert keeper.send(kind, "Delete", physical_id=f"leaving/{gone}", UserName="alice")["Status"] == "SUCCESS"


def test_leaving_records_the_user_and_does_nothing_until_delete(keeper, cloud):
    furnish(cloud)
    before = everything(cloud)
    assert leaving(keeper, "Create")["PhysicalResourceId"] == f"leaving/{unique_id(cloud)}"
    assert everything(cloud) == before


def test_leaving_removes_everything_so_that_the_user_can_be_deleted(keeper, cloud):
    furnish(cloud)
    assert leaving(keeper, "Delete", physical_id=f"leaving/{unique_id(cloud)}")["Status"] == "SUCCESS"
    assert everything(cloud) == NOTHING
    assert cloud.iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    cloud.iam.delete_user(UserName="alice")


def test_leaving_denies_first_and_removes_the_deny_last(keeper, cloud):
    furnish(cloud)
    leaving(keeper, "Delete", physical_id=f"leaving/{unique_id(cloud)}")
    changes = [call for call in keeper.calls if not call.startswith(("Get", "List", "Describe"))]
    assert changes[0] == "AttachUserPolicy"
    assert changes[-1] == "DetachUserPolicy"
    last_credential = max(
        changes.index(call) for call in ("DeleteAccessKey", "DeactivateMFADevice", "DeleteLoginProfile")
    )
    assert last_credential < min(changes.index(call) for call in ("RemoveUserFromGroup", "DeleteUserPolicy"))


def test_deactivates_every_key_before_it_deletes_the_first(keeper, cloud):
    furnish(cloud)
    leaving(keeper, "Delete", physical_id=f"leaving/{unique_id(cloud)}")
    keys = [call for call in keeper.calls if call in {"UpdateAccessKey", "DeleteAccessKey"}]
    assert keys == ["UpdateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "DeleteAccessKey"]


def test_leaving_reads_every_page(cloud):
    furnish(cloud)
    for name in ("writers", "auditors"):
        cloud.iam.create_group(GroupName=name, Path=PATH)
        cloud.iam.add_user_to_group(GroupName=name, UserName="alice")
    with keeping(cloud.environment, DENY_ALL=DENY_ALL) as keeper:
        keeper.stack_id = deployed_stack(cloud)
        page_by_page(keeper.module.client("iam"))
        assert leaving(keeper, "Delete", physical_id=f"leaving/{unique_id(cloud)}")["Status"] == "SUCCESS"
    assert keeper.calls.count("ListGroupsForUser") == 3
    assert everything(cloud) == NOTHING


def test_leaving_begins_even_at_the_quota_of_policies(keeper, cloud):
    for number in range(10):
        arn = cloud.iam.create_policy(PolicyName=f"p{number}", PolicyDocument=policy(allow("s3:*")))[
            "Policy"
        ]["Arn"]
        cloud.iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    assert leaving(keeper, "Delete", physical_id=f"leaving/{unique_id(cloud)}")["Status"] == "SUCCESS"
    assert everything(cloud) == NOTHING


def test_leaving_in_a_rollback_changes_nothing(keeper, cloud):
    furnish(cloud)
    keeper.stack_id, before = rolled_back(cloud), everything(cloud)
    assert leaving(keeper, "Delete", physical_id=f"leaving/{unique_id(cloud)}")["Status"] == "SUCCESS"
    assert everything(cloud) == before


def test_leaving_delivered_again_has_nothing_left_to_do(keeper, cloud):
    furnish(cloud)
    who = f"leaving/{unique_id(cloud)}"
    leaving(keeper, "Delete", physical_id=who)
    assert leaving(keeper, "Delete", physical_id=who)["Status"] == "SUCCESS"


def test_leaving_that_fails_names_what_remains_and_keeps_the_deny(cloud):
    furnish(cloud)
    with restricted_keeper(cloud, "iam:DeleteLoginProfile") as keeper:
        answer = leaving(keeper, "Delete", physical_id=f"leaving/{unique_id(cloud)}")
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == "alice keeps: login (DeleteLoginProfile answered AccessDenied)"
    left = everything(cloud)
    assert (left["keys"], left["devices"]) == ([], [])
    assert left["groups"] == ["readers"]
    assert DENY_ALL in left["attached"]


PASSING = [
    pytest.param(lambda: refused(400, "Throttling"), id="throttled"),
    pytest.param(lambda: refused(429, "SlowDown"), id="throttled by another name"),
    pytest.param(lambda: refused(503, "ServiceUnavailable"), id="the service is down"),
    pytest.param(lambda: refused(409, "EntityTemporarilyUnmodifiable"), id="the user is too new"),
    pytest.param(lambda: refused(403, "AccessDenied"), id="its role is too new"),
    pytest.param(lambda: lost(EndpointConnectionError(endpoint_url="-")), id="no connection"),
    pytest.param(lambda: lost(ReadTimeoutError(endpoint_url="-")), id="no answer"),
]


def refused(status, code):
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return AWSResponse("-", status, {}, None), answer


def lost(error):
    raise error


@pytest.mark.parametrize("fault", PASSING)
def test_retries_transient_errors(cloud, fault):
    furnish(cloud)
    with keeping(cloud.environment, DENY_ALL=DENY_ALL) as keeper:
        keeper.stack_id = deployed_stack(cloud)
        faults = iter([fault] * 2)
        keeper.module.client("iam").meta.events.register(
            "before-call.iam.DeleteLoginProfile", lambda **_: next(faults, lambda: None)()
        )
        assert leaving(keeper, "Delete", physical_id=f"leaving/{unique_id(cloud)}")["Status"] == "SUCCESS"
    assert (list(faults), everything(cloud)) == ([], NOTHING)


def hide_once(keeper, operation):
    """Let IAM answer once as if it did not know yet what exists."""
    hidden = iter([True])
    keeper.module.client("iam").meta.events.register(
        f"before-call.iam.{operation}",
        lambda **_: refused(404, "NoSuchEntity") if next(hidden, False) else None,
    )


def test_a_second_delivery_waits_for_the_login_of_the_first(cloud):
    with keeping(cloud.environment, DENY_ALL=DENY_ALL) as keeper:
        first_sign_in(keeper)
        password = secret_value(cloud)["password"]
        keeper.module.LOGIN_SECONDS = 10
        hide_once(keeper, "GetLoginProfile")
        assert first_sign_in(keeper)["PhysicalResourceId"].endswith("/made")
    assert secret_value(cloud)["password"] == password


def test_a_login_is_created_when_iam_knows_the_user(cloud):
    with keeping(cloud.environment, DENY_ALL=DENY_ALL) as keeper:
        hide_once(keeper, "CreateLoginProfile")
        assert first_sign_in(keeper)["Status"] == "SUCCESS"
    assert has_login(cloud)


def test_answers_in_time_when_throttled_to_the_end(cloud):
    with keeping(cloud.environment, DENY_ALL=DENY_ALL) as keeper:
        keeper.module.client("iam").meta.events.register(
            "before-call.iam.GetUser", lambda **_: refused(400, "Throttling")
        )
        answer = leaving(keeper, "Create", seconds=26)
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "out of time before get_user")


def test_a_login_whose_response_was_lost_is_its_own(cloud):
    with keeping(cloud.environment, DENY_ALL=DENY_ALL) as keeper:
        answers_lost = iter([True])

        def lose(**_):
            if next(answers_lost, False):
                lost(ReadTimeoutError(endpoint_url="-"))

        keeper.module.client("iam").meta.events.register("after-call.iam.CreateLoginProfile", lose)
        answer = first_sign_in(keeper)
    assert (answer["Status"], answer["PhysicalResourceId"][-5:]) == ("SUCCESS", "/made")


def test_answers_when_out_of_time(keeper, cloud):
    furnish(cloud)
    answer = leaving(keeper, "Delete", physical_id=f"leaving/{unique_id(cloud)}", seconds=10)
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "out of time before get_user")
    assert keeper.calls == []


def test_a_user_that_never_appears_fails_with_an_id_that_deletes_nothing(keeper):
    answer = keeper.send("Leaving", "Create", UserName="nobody", seconds=26)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "nothing")


def test_a_failed_create_has_the_id_that_deletes_its_login(cloud):
    with restricted_keeper(cloud, "secretsmanager:PutSecretValue") as keeper:
        answer = first_sign_in(keeper)
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "PutSecretValue answered AccessDeniedException")
    assert answer["PhysicalResourceId"] == f"first-sign-in/{unique_id(cloud)}/made"


def test_answers_an_unknown_kind(keeper):
    answer = keeper.send("Riddle", "Create")
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "unexpected KeyError")


def test_fails_when_it_cannot_answer_so_that_lambda_retries(keeper):
    with pytest.raises(OSError, match="refused"):
        leaving(keeper, "Create", address="http://127.0.0.1:1/")


def password_policy(cloud):
    try:
        found = cloud.iam.get_account_password_policy()["PasswordPolicy"]
    except cloud.iam.exceptions.NoSuchEntityException:
        return None
    return found["MinimumPasswordLength"], found["RequireSymbols"], found.get("PasswordReusePrevention")


OURS = (14, True, 24)


def test_password_policy_is_set_and_removed(keeper, cloud):
    made = keeper.send("PasswordPolicy", "Create", **STRICT)
    assert (made["PhysicalResourceId"], password_policy(cloud)) == ("password-policy/", OURS)
    keeper.send("PasswordPolicy", "Delete", physical_id=made["PhysicalResourceId"], **STRICT)
    assert password_policy(cloud) is None


def test_previous_password_policy_is_restored(keeper, cloud):
    cloud.iam.update_account_password_policy(MinimumPasswordLength=10, RequireNumbers=True)
    made = keeper.send("PasswordPolicy", "Create", **STRICT)
    changed = {**STRICT, "MinimumPasswordLength": "20"}
    updated = keeper.send("PasswordPolicy", "Update", physical_id=made["PhysicalResourceId"], **changed)
    assert updated["PhysicalResourceId"] == made["PhysicalResourceId"]
    assert password_policy(cloud)[0] == 20
    keeper.send("PasswordPolicy", "Delete", physical_id=made["PhysicalResourceId"], **changed)
    assert cloud.iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 10
    assert not cloud.iam.get_account_password_policy()["PasswordPolicy"]["RequireSymbols"]


def test_keeps_a_password_policy_that_somebody_changed(keeper, cloud):
    made = keeper.send("PasswordPolicy", "Create", **STRICT)
    cloud.iam.update_account_password_policy(MinimumPasswordLength=40)
    keeper.send("PasswordPolicy", "Delete", physical_id=made["PhysicalResourceId"], **STRICT)
    assert password_policy(cloud)[0] == 40


def test_keeps_a_password_policy_whose_create_never_answered(keeper, cloud):
    keeper.send("PasswordPolicy", "Create", **STRICT)
    keeper.send("PasswordPolicy", "Delete", physical_id="stack-PasswordPolicy-1ABCDEF", **STRICT)
    assert password_policy(cloud) == OURS


def aliases(cloud):
    return cloud.iam.list_account_aliases()["AccountAliases"]


@pytest.mark.parametrize("former", ["", "acme-old"])
def test_alias_is_set_and_the_previous_one_restored(keeper, cloud, former):
    if former:
        cloud.iam.create_account_alias(AccountAlias=former)
    made = keeper.send("AccountAlias", "Create", AccountAlias="acme")
    assert (made["PhysicalResourceId"], aliases(cloud)) == (f"account-alias/{former}", ["acme"])
    keeper.send("AccountAlias", "Update", physical_id=made["PhysicalResourceId"], AccountAlias="acme-new")
    assert aliases(cloud) == ["acme-new"]
    keeper.send("AccountAlias", "Delete", physical_id=made["PhysicalResourceId"], AccountAlias="acme-new")
    assert aliases(cloud) == ([former] if former else [])


def test_keeps_an_alias_that_somebody_changed(keeper, cloud):
    made = keeper.send("AccountAlias", "Create", AccountAlias="acme")
    cloud.iam.create_account_alias(AccountAlias="elsewhere")
    keeper.send("AccountAlias", "Delete", physical_id=made["PhysicalResourceId"], AccountAlias="acme")
    assert aliases(cloud) == ["elsewhere"]


new_password = source_as_module().new_password
password_policies = st.fixed_dictionaries(
    {"MinimumPasswordLength": st.integers(6, 128)},
    optional={
        "RequireSymbols": st.booleans(),
        "RequireNumbers": st.booleans(),
        "RequireUppercaseCharacters": st.booleans(),
        "RequireLowercaseCharacters": st.booleans(),
    },
)
REQUIRED = {
    "RequireSymbols": "!@#$%^&*()_+-=[]{}|'",
    "RequireNumbers": string.digits,
    "RequireUppercaseCharacters": string.ascii_uppercase,
    "RequireLowercaseCharacters": string.ascii_lowercase,
}


@given(policy=password_policies)
def test_a_password_satisfies_every_policy_that_iam_accepts(policy):
    password = new_password(policy)
    assert max(policy["MinimumPasswordLength"], 20) <= len(password) <= 128
    assert set(password) <= set("".join(REQUIRED.values()))
    for characters in REQUIRED.values():
        assert set(password) & set(characters)


def test_passwords_differ():
    assert len({new_password({}) for _ in range(100)}) == 100
