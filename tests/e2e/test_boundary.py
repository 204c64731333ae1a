"""A user granted everything by hand stays within the boundary, tested call by call in an account.

She has AdministratorAccess and the boundary for users with managed policies, and has signed in with MFA. Which
ARNs a call is judged on is decided by the emulator here; tests/laws evaluate the same statements.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.world import ACCOUNT, bucket, refused, role_arn

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright.sandbox.client.console import Credentials
    from tests.e2e.world import World

pytestmark = pytest.mark.e2e

IAM = f"arn:aws:iam::{ACCOUNT}"
OURS, WIDE = (f"{IAM}:policy/access/keywright-boundary{more}" for more in ("", "-any-service"))
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ALLOW = json.dumps(EVERYTHING)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"{IAM}:root"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
)
PASSWORD = "keywright/first-password/bob"


@pytest.fixture(scope="module")
def alice(world: World) -> Credentials:
    """Return Alice's session after an administrator has attached AdministratorAccess to her."""
    iam = world.client("iam")
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=WIDE)
    iam.attach_user_policy(UserName="alice", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return world.complete_onboarding("alice")


@pytest.fixture
def client(world: World, alice: Credentials) -> Callable[[str], Any]:
    return lambda service: world.client(service, alice)


def test_allows_any_action_within_the_boundary(client: Callable[[str], Any]) -> None:
    assert client("iam").list_users()["Users"]
    assert client("s3").list_buckets()["Buckets"]
    made = client("iam").create_role(
        Path="/access/", RoleName="hers", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=OURS
    )
    client("iam").put_role_policy(RoleName="hers", PolicyName="p", PolicyDocument=ALLOW)
    assert made["Role"]["Arn"] == role_arn("hers")


WAYS_OUT = {
    "a user outside": lambda c: (c("iam").create_user, {"UserName": "x"}),
    "a user inside": lambda c: (c("iam").create_user, {"UserName": "x", "Path": "/access/", "PermissionsBoundary": OURS}),
    "a role outside": lambda c: (c("iam").create_role, {"RoleName": "x", "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": OURS}),
    "a role without boundary": lambda c: (c("iam").create_role, {"Path": "/access/", "RoleName": "x", "AssumeRolePolicyDocument": TRUST}),
    "a role under the wide boundary": lambda c: (c("iam").create_role, {"Path": "/access/", "RoleName": "x", "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": WIDE}),
    "the break-glass opened": lambda c: (c("iam").update_assume_role_policy, {"RoleName": "break-glass", "PolicyDocument": TRUST}),
    "the break-glass assumed": lambda c: (c("sts").assume_role, {"RoleArn": role_arn("break-glass"), "RoleSessionName": "hers"}),
    "her boundary off": lambda c: (c("iam").delete_user_permissions_boundary, {"UserName": "alice"}),
    "the boundary edited": lambda c: (c("iam").create_policy_version, {"PolicyArn": WIDE, "PolicyDocument": ALLOW, "SetAsDefault": True}),
    "the guard detached": lambda c: (c("iam").detach_group_policy, {"GroupName": "mfa-guard", "PolicyArn": f"{IAM}:policy/access/keywright-mfa-guard"}),
    "herself out of the guard": lambda c: (c("iam").remove_user_from_group, {"GroupName": "mfa-guard", "UserName": "alice"}),
    "herself among the administrators": lambda c: (c("iam").add_user_to_group, {"GroupName": "administrators", "UserName": "alice"}),
    "a stranger among the analysts": lambda c: (c("iam").add_user_to_group, {"GroupName": "analysts", "UserName": "old-admin"}),
    "a group given everything": lambda c: (c("iam").put_group_policy, {"GroupName": "analysts", "PolicyName": "p", "PolicyDocument": ALLOW}),
    "a key of her own": lambda c: (c("iam").create_access_key, {"UserName": "alice"}),
    "a key of an administrator": lambda c: (c("iam").create_access_key, {"UserName": "dora"}),
    "an administrator's password": lambda c: (c("iam").update_login_profile, {"UserName": "dora", "Password": "correct horse 1A!battery"}),
    "a device for an administrator": lambda c: (c("iam").create_virtual_mfa_device, {"VirtualMFADeviceName": "dora"}),
    "an administrator renamed": lambda c: (c("iam").update_user, {"UserName": "dora", "NewUserName": "x"}),
    "herself tagged": lambda c: (c("iam").tag_user, {"UserName": "alice", "Tags": [{"Key": "keywright-handover", "Value": "true"}]}),
    "a first password read": lambda c: (c("secretsmanager").get_secret_value, {"SecretId": PASSWORD}),
    "a first password written": lambda c: (c("secretsmanager").put_secret_value, {"SecretId": PASSWORD, "SecretString": "x"}),
    "a first password shared": lambda c: (c("secretsmanager").put_resource_policy, {"SecretId": PASSWORD, "ResourcePolicy": ALLOW}),
    "the keeper's code": lambda c: (c("lambda").update_function_code, {"FunctionName": "keywright-identity-keeper", "ZipFile": b"x"}),
    "the keeper invoked": lambda c: (c("lambda").invoke, {"FunctionName": "keywright-identity-keeper", "Payload": b"{}"}),
    "the stack of people deleted": lambda c: (c("cloudformation").delete_stack, {"StackName": "access-people"}),
    "the password policy": lambda c: (c("iam").update_account_password_policy, {"MinimumPasswordLength": 6}),
    "an issuer of tokens": lambda c: (c("iam").create_open_id_connect_provider, {"Url": "https://evil.example", "ClientIDList": ["x"]}),
}  # fmt: skip


@pytest.mark.parametrize("way", list(WAYS_OUT.values()), ids=list(WAYS_OUT))
def test_no_call_escapes_the_boundary(client: Callable[[str], Any], way: Callable[[Any], Any]) -> None:
    call, arguments = way(client)
    assert refused(call, **arguments)


def test_denies_deleting_the_log_of_the_keeper(world: World, client: Callable[[str], Any]) -> None:
    groups = world.client("logs").describe_log_groups()["logGroups"]
    (log,) = [each["logGroupName"] for each in groups if "keeper" in each["logGroupName"]]
    assert refused(client("logs").delete_log_group, logGroupName=log)


def test_denies_session_tags(world: World, client: Callable[[str], Any]) -> None:
    """She can make and assume a role that allows session tags, but can set none, because grants and secrets depend on tags."""
    hers = {"RoleArn": role_arn("hers"), "RoleSessionName": "hers"}
    tagged = [{"Key": "keywright-handover", "Value": "true"}]
    assert refused(client("sts").assume_role, **hers, Tags=tagged)
    session = client("sts").assume_role(**hers)["Credentials"]
    keys = session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]
    assert world.client("s3", keys).list_buckets()["Buckets"]
    assert refused(world.client("secretsmanager", keys).get_secret_value, SecretId=PASSWORD)


# --- delegated administration --------------------------------------------------------------------------------------

CEILING = f"{IAM}:policy/access/keywright-delegated-team-a"
HERS = {"Path": "/access/team-a/", "RoleName": "reader", "AssumeRolePolicyDocument": TRUST}


@pytest.fixture(scope="module")
def delegate(world: World) -> Any:
    """Return IAM as the role that makes roles by delegation sees it."""
    session = world.assume("operate", world.complete_onboarding("carol"))
    return world.client("iam", session)


def test_a_delegate_creates_roles_only_under_its_path_and_boundary(delegate: Any) -> None:
    assert refused(delegate.create_role, **HERS)
    assert refused(delegate.create_role, **HERS, PermissionsBoundary=OURS)
    assert refused(delegate.create_role, **{**HERS, "Path": "/access/"}, PermissionsBoundary=CEILING)
    assert delegate.create_role(**HERS, PermissionsBoundary=CEILING)
    delegate.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=ALLOW)


def test_a_delegate_cannot_change_the_boundary_or_declared_identities(delegate: Any) -> None:
    for call, arguments in (
        (delegate.put_role_permissions_boundary, {"RoleName": "reader", "PermissionsBoundary": OURS}),
        (delegate.delete_role_permissions_boundary, {"RoleName": "reader"}),
        (
            delegate.create_policy_version,
            {"PolicyArn": CEILING, "PolicyDocument": ALLOW, "SetAsDefault": True},
        ),
        (
            delegate.attach_role_policy,
            {"RoleName": "reader", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        ),
        (delegate.put_role_policy, {"RoleName": "operate", "PolicyName": "all", "PolicyDocument": ALLOW}),
        (delegate.update_assume_role_policy, {"RoleName": "break-glass", "PolicyDocument": TRUST}),
        (delegate.create_user, {"UserName": "x", "Path": "/access/team-a/", "PermissionsBoundary": CEILING}),
    ):
        assert refused(call, **arguments)


def test_a_delegated_role_is_limited_by_the_boundary_whatever_its_policies(
    world: World, alice: Credentials
) -> None:
    keys = world.assume("team-a/reader", alice)
    storage = world.client("s3", keys)
    assert storage.get_object(Bucket=bucket("reports"), Key="monthly/november.csv")
    assert refused(storage.get_object, Bucket=bucket("reports"), Key="drafts/secret.csv")
    assert refused(world.client("iam", keys).create_role, **{**HERS, "RoleName": "further"})
