"""IAM Identity Center's resource types and portal behave as their reference documents.

What passes here because of a repair proves the repair, not AWS.
"""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from keywright.sandbox.client.console import choose
from keywright.sandbox.client.control import ControlRefused
from tests.sandbox.cloud import ACCOUNT, OTHER_ACCOUNT, allow, policy, resource

INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
GROUP = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
USER = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f51"
LISTS = allow("s3:ListAllMyBuckets", "*")


def permission_set(*statements, **more):
    inline = {"InlinePolicy": json.loads(policy(*statements))} if statements else {}
    return resource("AWS::SSO::PermissionSet", Name="ops", InstanceArn=INSTANCE, **inline, **more)


def assigned(account=ACCOUNT, principal=GROUP, kind="GROUP"):
    return resource(
        "AWS::SSO::Assignment",
        InstanceArn=INSTANCE,
        PermissionSetArn={"Fn::GetAtt": ["Set", "PermissionSetArn"]},
        PrincipalType=kind,
        PrincipalId=principal,
        TargetType="AWS_ACCOUNT",
        TargetId=account,
    )


def lists_buckets(cloud, groups=(GROUP,), account=ACCOUNT):
    """Return whether a user can list buckets with the permission set; raises where it is not assigned."""
    chosen = choose(cloud.endpoint, "ops", account=account, user=USER, groups=groups)
    keys = chosen.access_key_id, chosen.secret_access_key, chosen.session_token
    try:
        cloud.client("s3", keys).list_buckets()
    except ClientError as refused:
        assert refused.response["Error"]["Code"] == "AccessDenied"
        return False
    return True


def reserved(cloud):
    found = cloud.iam.list_roles(PathPrefix="/aws-reserved/sso.amazonaws.com/")["Roles"]
    return [each["RoleName"] for each in found]


def test_first_assignment_creates_a_role_and_the_last_removal_deletes_it(cloud):
    """AWS::SSO::Assignment."""
    parts = {"Set": permission_set(LISTS), "To": assigned()}
    assert cloud.deploy(parts).status == "CREATE_COMPLETE"
    (name,) = reserved(cloud)
    assert name.startswith("AWSReservedSSO_ops_")
    assert lists_buckets(cloud)
    with pytest.raises(ControlRefused, match="ForbiddenException"):
        lists_buckets(cloud, groups=())
    assert cloud.deploy(parts | {"Too": assigned(principal=USER, kind="USER")}).status == "UPDATE_COMPLETE"
    assert lists_buckets(cloud, groups=())
    assert cloud.deploy({"Set": permission_set(LISTS)}).status == "UPDATE_COMPLETE"
    assert reserved(cloud) == []
    with pytest.raises(ControlRefused, match="ForbiddenException"):
        lists_buckets(cloud)
    assert cloud.destroy().status == "DELETE_COMPLETE"


def test_an_update_reaches_the_role_in_every_account(cloud):
    """AWS::SSO::PermissionSet."""
    parts = {"To": assigned(), "Too": assigned(OTHER_ACCOUNT)}
    assert cloud.deploy(parts | {"Set": permission_set(LISTS)}).status == "CREATE_COMPLETE"
    assert lists_buckets(cloud, account=OTHER_ACCOUNT)
    narrower = permission_set(allow("sqs:ListQueues", "*"))
    assert cloud.deploy(parts | {"Set": narrower}).status == "UPDATE_COMPLETE"
    assert not lists_buckets(cloud)
    assert not lists_buckets(cloud, account=OTHER_ACCOUNT)


def test_policies_of_the_account_must_exist(cloud):
    reference = {"Name": "own", "Path": "/x/"}
    parts = {
        "Set": permission_set(CustomerManagedPolicyReferences=[reference]),
        "To": assigned(),
    }
    failed = cloud.deploy(parts)
    assert failed.status == "ROLLBACK_COMPLETE"
    assert "To" in failed.reasons
    cloud.destroy()
    cloud.iam.create_policy(PolicyName="own", Path="/x/", PolicyDocument=policy(LISTS))
    assert cloud.deploy(parts).status == "CREATE_COMPLETE"
    assert lists_buckets(cloud)
    capped = permission_set(
        allow("s3:*", "*"),
        allow("sqs:*", "*"),
        PermissionsBoundary={"ManagedPolicyArn": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"},
    )
    assert cloud.deploy({"Set": capped, "To": assigned()}).status == "UPDATE_COMPLETE"
    assert not lists_buckets(cloud)


def test_only_identity_center_changes_its_roles(cloud):
    cloud.deploy({"Set": permission_set(LISTS), "To": assigned()})
    (name,) = reserved(cloud)
    for call, more in (
        (cloud.iam.put_role_policy, {"PolicyName": "p", "PolicyDocument": policy(LISTS)}),
        (cloud.iam.attach_role_policy, {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        (cloud.iam.update_assume_role_policy, {"PolicyDocument": policy(LISTS)}),
        (cloud.iam.delete_role, {}),
    ):
        with pytest.raises(ClientError, match="UnmodifiableEntity"):
            call(RoleName=name, **more)


def test_a_created_group_has_its_members(cloud):
    """AWS::IdentityStore::Group and GroupMembership."""
    group = resource("AWS::IdentityStore::Group", IdentityStoreId="d-1234567890", DisplayName="Auditors")
    member = resource(
        "AWS::IdentityStore::GroupMembership",
        IdentityStoreId="d-1234567890",
        GroupId={"Fn::GetAtt": ["G", "GroupId"]},
        MemberId={"UserId": USER},
    )
    parts = {
        "G": group,
        "Set": permission_set(LISTS),
        "To": assigned(principal={"Fn::GetAtt": ["G", "GroupId"]}),
    }
    assert cloud.deploy(parts | {"M": member}).status == "CREATE_COMPLETE"
    assert lists_buckets(cloud, groups=())
    assert cloud.deploy(parts).status == "UPDATE_COMPLETE"
    with pytest.raises(ControlRefused, match="ForbiddenException"):
        lists_buckets(cloud, groups=())
    assert cloud.destroy().status == "DELETE_COMPLETE"


def test_a_name_is_unique(cloud):
    cloud.deploy({"Set": permission_set(LISTS)})
    failed = cloud.deploy({"Set": permission_set(LISTS)}, "other")
    assert failed.status == "ROLLBACK_COMPLETE"
    assert "already exists" in failed.reasons["Set"]
