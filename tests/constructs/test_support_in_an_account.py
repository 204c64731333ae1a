"""The role for AWS Support in the sandbox account: who can assume it, and what it allows.

The sandbox account has no Support to open a case with; that its own policy lets one is proved by the engine alone.
"""

from __future__ import annotations

import json

import pytest

from access_constructs.roles.support_role import SupportRole
from keywright.sandbox.account import Sandbox
from keywright.sandbox.client.authenticator import Authenticator
from keywright.statements.trusts.same_account import group_trust
from tests.constructs.synthesis import new_stack, resources
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud, allow, is_allowed

pytestmark = pytest.mark.e2e

ROLE = f"arn:aws:iam::{ACCOUNT}:role/access/aws-support"
ASSUME = {"RoleArn": ROLE, "RoleSessionName": "incident"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """Return the account with the role as synthesized, and two people who are allowed to assume it."""
    stack = new_stack()
    trust = group_trust("aws", ACCOUNT, "/access/", 3600, ("carol",))
    SupportRole(
        stack,
        "Support",
        path="/access/",
        boundary_arn=None,
        partition="aws",
        trust=(trust,),
        session_seconds=3600,
    )
    made = resources(stack)["Role0awsX2dsupport"]["Properties"]
    with Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        cloud.iam.create_role(
            RoleName=made["RoleName"],
            Path=made["Path"],
            AssumeRolePolicyDocument=json.dumps(made["AssumeRolePolicyDocument"]),
        )
        for arn in made["ManagedPolicyArns"]:
            cloud.iam.attach_role_policy(RoleName=made["RoleName"], PolicyArn=arn)
        yield cloud
        cloud.close()


def with_mfa_session(cloud, name):
    """Make a person who can assume the role by their own policy; return long-term keys, and a session with MFA."""
    key = cloud.user(name, allow("sts:AssumeRole", ROLE), Path="/access/")
    device = cloud.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    app = Authenticator(cloud.endpoint, device["Base32StringSeed"])
    first, second = app.two_codes()
    serial = device["SerialNumber"]
    cloud.iam.enable_mfa_device(
        UserName=name, SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=second
    )
    given = cloud.client("sts", key).get_session_token(SerialNumber=serial, TokenCode=app.code())[
        "Credentials"
    ]
    return key, (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def test_a_member_assumes_it_with_mfa_and_gets_nothing_else(cloud):
    key, session = with_mfa_session(cloud, "carol")
    assert not is_allowed(cloud.client("sts", key).assume_role, **ASSUME)
    given = cloud.client("sts", session).assume_role(**ASSUME)["Credentials"]
    incident = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert not is_allowed(cloud.client("s3", incident).list_buckets)
    assert not is_allowed(cloud.client("iam", incident).list_users)


def test_nobody_else_assumes_it(cloud):
    _, session = with_mfa_session(cloud, "mallory")
    assert not is_allowed(cloud.client("sts", session).assume_role, **ASSUME)
