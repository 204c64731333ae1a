"""The life cycle of an identity through CloudFormation, in the sandbox account, with the keeper under its own role.

The account's refusals (DeleteConflict, the resource types of IAM) are the sandbox's repairs: what passes here only because of
them proves them, not AWS.
"""

from __future__ import annotations

import json

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from botocore.exceptions import ClientError

from access_constructs.account.settings import AccountAlias, PasswordPolicySetting
from access_constructs.identity_keeper import IdentityKeeper
from access_constructs.people.application import Application
from access_constructs.people.key_secrets import KEY_ALIAS, KeySecretsKey
from access_constructs.people.mfa_guard import GuardGroup, MfaGuard
from access_constructs.people.person import Person
from access_constructs.policies.boundary import Boundary
from keywright.policy.statement import Statement
from keywright.sandbox.account import Sandbox
from tests.constructs.furnished_user import NOTHING, everything, furnish
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud, allow, resource

pytestmark = pytest.mark.e2e
PATH = "/access/"
TOKEN = IdentityKeeper.service_token("aws", REGION, ACCOUNT)
READER = f"arn:aws:iam::{ACCOUNT}:user{PATH}reader"
ELSEWHERE = "eu-west-1"
BOUNDARY = Boundary.arn_in("aws", ACCOUNT, PATH)


def new_stack(region=REGION):
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        context={"@aws-cdk/core:enablePartitionLiterals": True},
    )
    return cdk.Stack(app, "stack", env=cdk.Environment(account=ACCOUNT, region=region))


def account_stack():
    stack = new_stack()
    keeper = IdentityKeeper(stack, "Keeper", path=PATH)
    Boundary(stack, "Boundary", path=PATH, services=["s3"])
    MfaGuard(stack, "Guard", path=PATH)
    settings = (
        PasswordPolicySetting(stack, "PasswordPolicy", keeper_token=TOKEN),
        AccountAlias(stack, "Alias", keeper_token=TOKEN, alias="acme"),
    )
    for setting in settings:
        setting.node.add_dependency(keeper)
    found = Template.from_stack(stack).to_json()["Resources"]
    # The sandbox shows changes at once, so that nothing that is denied has to be asked for again.
    code = found["Function0keywrightX2didentityX2dkeeper"]["Properties"]["Code"]
    code["ZipFile"] = code["ZipFile"].replace("SETTLING_SECONDS = 20", "SETTLING_SECONDS = 0")
    return found


def key_stack(region):
    """Make a key that only its readers use; the emulator does not need the permissions for replication."""
    stack = new_stack(region)
    KeySecretsKey(stack, "Keys", path=PATH, readers=[READER], destroyable=True)
    return Template.from_stack(stack).to_json()["Resources"]


def people_stack(*, people=(), keys=(), console=True, **encrypted):
    """Return the resources of the guard's group, of people, and of the scanner where it has keys."""
    stack = new_stack()
    guard = GuardGroup(stack, "Guard", path=PATH)
    for name in people:
        Person(
            stack,
            name,
            name=name,
            path=PATH,
            boundary_arn=BOUNDARY,
            keeper_token=TOKEN,
            groups=[guard.name],
            console=console,
            tags={"team": "reports"},
        )
    if keys:
        Application(
            stack,
            "scanner",
            name="scanner",
            path=PATH,
            boundary_arn=BOUNDARY,
            keeper_token=TOKEN,
            access_keys=keys,
            readers=[READER],
            **encrypted,
            statements=[Statement(actions=("s3:ListBucket",), resources=("arn:aws:s3:::inbox",))],
            tags={},
        )
    return Template.from_stack(stack).to_json()["Resources"]


@pytest.fixture(scope="module")
def running_cloud(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("life"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        assert cloud.deploy(account_stack(), "account").status == "CREATE_COMPLETE"
        yield cloud
        assert cloud.destroy("account").status == "DELETE_COMPLETE"
        assert cloud.iam.list_account_aliases()["AccountAliases"] == []
        cloud.close()


@pytest.fixture
def cloud(running_cloud):
    yield running_cloud
    assert running_cloud.destroy("people").status == "DELETE_COMPLETE"
    assert users(running_cloud) == []


def users(cloud):
    return [user["UserName"] for user in cloud.iam.list_users(PathPrefix=PATH)["Users"]]


def secret(cloud, name):
    return json.loads(cloud.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])


def deploy(cloud, **declared):
    outcome = cloud.deploy(people_stack(**declared), "people")
    assert outcome.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}, outcome
    return outcome


def test_the_account_is_set(running_cloud):
    assert running_cloud.iam.get_account_password_policy()["PasswordPolicy"]["PasswordReusePrevention"] == 24
    assert running_cloud.iam.list_account_aliases()["AccountAliases"] == ["acme"]


def test_a_new_user_can_sign_in_once_and_has_boundary_and_mfa_guard(cloud):
    deploy(cloud, people=["alice"])
    alice = cloud.iam.get_user(UserName="alice")["User"]
    assert alice["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
    assert cloud.iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"]
    assert secret(cloud, "keywright/first-password/alice")["user_name"] == "alice"
    assert everything(cloud)["groups"] == ["mfa-guard"]


def test_a_later_update_of_the_user_leaves_the_password_alone(cloud):
    deploy(cloud, people=["alice"])
    before = secret(cloud, "keywright/first-password/alice")
    made = cloud.iam.get_login_profile(UserName="alice")["LoginProfile"]["CreateDate"]
    deploy(cloud, people=["alice", "bob"])
    assert secret(cloud, "keywright/first-password/alice") == before
    assert cloud.iam.get_login_profile(UserName="alice")["LoginProfile"]["CreateDate"] == made


def test_removing_console_access_deletes_the_login(cloud):
    deploy(cloud, people=["alice"])
    deploy(cloud, people=["alice"], console=False)
    assert not everything(cloud)["login"]
    deploy(cloud, people=["alice"])
    assert everything(cloud)["login"]


def test_a_removed_user_is_deleted_with_everything_registered_by_hand(cloud):
    deploy(cloud, people=["alice", "bob"])
    cloud.iam.create_group(GroupName="elsewhere")
    furnish(cloud, group="elsewhere", login=False)
    deploy(cloud, people=["bob"])
    assert users(cloud) == ["bob"]
    assert cloud.iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    cloud.iam.delete_group(GroupName="elsewhere")


def test_a_user_declared_again_keeps_its_new_login(cloud):
    deploy(cloud, people=["alice"])
    deploy(cloud)
    deploy(cloud, people=["alice"])
    assert everything(cloud) == {**NOTHING, "login": True, "groups": ["mfa-guard"]}


def test_a_failed_deployment_removes_its_new_users_and_no_others(cloud):
    deploy(cloud, people=["alice"])
    resources = people_stack(people=["alice", "bob"])
    resources["Bad"] = resource(
        "AWS::IAM::Group", GroupName="mfa-guard", Path=PATH, DependsOn=["FirstSignIn0bob"]
    )
    assert cloud.deploy(resources, "people").status == "UPDATE_ROLLBACK_COMPLETE"
    assert users(cloud) == ["alice"]
    assert everything(cloud)["login"]


def test_keys_are_handed_over_rotated_and_deleted(cloud):
    deploy(cloud, keys=[(1, True)])
    first = secret(cloud, "keywright/access-key/scanner/1")
    identity = cloud.client("sts", (first["access_key_id"], first["secret_access_key"])).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user{PATH}scanner"
    deploy(cloud, keys=[(1, True), (2, True)])
    deploy(cloud, keys=[(1, False), (2, True)])
    assert secret(cloud, "keywright/access-key/scanner/1") == first
    assert sorted(everything(cloud, "scanner")["keys"]) == ["Active", "Inactive"]
    deploy(cloud, keys=[(2, True)])
    assert everything(cloud, "scanner")["keys"] == ["Active"]


def test_the_keeper_handles_no_user_outside_its_path(cloud):
    deploy(cloud)
    cloud.iam.create_user(UserName="root-admin")
    properties = {"ServiceToken": TOKEN, "ServiceTimeout": 300, "UserName": "root-admin"}
    outcome = cloud.deploy({"Leaving": resource("Custom::Leaving", **properties)}, "intruder")
    assert "GetUser answered AccessDenied" in outcome.reasons["Leaving"]
    cloud.destroy("intruder")
    cloud.iam.delete_user(UserName="root-admin")


# --- who reads a key ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copies(running_cloud):
    """The account in the region of the copies, with a key for them in both regions."""
    there = Cloud(running_cloud.environment, region=ELSEWHERE)
    for cloud, region in ((running_cloud, REGION), (there, ELSEWHERE)):
        assert cloud.deploy(key_stack(region), "key").status == "CREATE_COMPLETE"
    yield there
    there.close()


def test_only_its_readers_read_a_key_and_its_copies(cloud, copies):
    """A user with full access to secrets and keys removes the secret's policy, and still reads nothing."""
    deploy(cloud, keys=[(1, True)], key_alias=KEY_ALIAS, replica_region=ELSEWHERE)
    reader, others = (
        cloud.user(name, allow("secretsmanager:*"), allow("kms:*"), Path=path)
        for name, path in (("reader", PATH), ("others", "/"))
    )
    name = "keywright/access-key/scanner/1"
    for place in (cloud, copies):
        secrets = place.client("secretsmanager", reader)
        assert "secret_access_key" in secrets.get_secret_value(SecretId=name)["SecretString"]
        assert read_by(place, others, name) == "AccessDeniedException"
    cloud.client("secretsmanager", others).delete_resource_policy(SecretId=name)
    assert read_by(cloud, others, name) == "AccessDeniedException"
    for user in ("reader", "others"):
        (key,) = cloud.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        cloud.iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
        cloud.iam.delete_user_policy(UserName=user, PolicyName="grants")
        cloud.iam.delete_user(UserName=user)


def read_by(cloud, credentials, name):
    with pytest.raises(ClientError) as refused:
        cloud.client("secretsmanager", credentials).get_secret_value(SecretId=name)
    return refused.value.response["Error"]["Code"]
