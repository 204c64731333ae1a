"""Requests are evaluated as the IAM User Guide's "Policy evaluation logic" documents.

What passes here because of a repair proves the repair, not AWS.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest

from keywright.sandbox.client import clock
from tests.sandbox.cloud import (
    ACCOUNT,
    EC2_TRUST,
    REGION,
    allow,
    code_of,
    deny,
    inline,
    is_allowed,
    policy,
    resource,
)

OBJECTS = "arn:aws:s3:::data/*"
BUCKET = "arn:aws:s3:::data"


@pytest.fixture
def data(cloud):
    """A bucket with an object in it."""
    cloud.client("s3").create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
    cloud.client("s3").put_object(Bucket="data", Key="alice/k", Body=b"x")
    return cloud


def reads(cloud, credentials, key="alice/k"):
    return is_allowed(cloud.client("s3", credentials).get_object, Bucket="data", Key=key)


def test_nothing_is_allowed_without_a_policy(data):
    assert not reads(data, data.user("alice"))
    assert reads(data, data.user("bob", allow("s3:GetObject", OBJECTS)))


def test_deny_wins(data):
    assert not reads(data, data.user("alice", allow("s3:*"), deny("s3:GetObject", OBJECTS)))


def test_group_grants_during_membership(data):
    key = data.user("alice")
    data.iam.create_group(GroupName="g")
    data.iam.put_group_policy(
        GroupName="g", PolicyName="p", PolicyDocument=policy(allow("s3:GetObject", OBJECTS))
    )
    data.iam.add_user_to_group(GroupName="g", UserName="alice")
    assert reads(data, key)
    data.iam.remove_user_from_group(GroupName="g", UserName="alice")
    assert not reads(data, key)


def test_inactive_key_is_refused(data):
    key = data.user("alice", allow("s3:*"))
    data.iam.update_access_key(UserName="alice", AccessKeyId=key[0], Status="Inactive")
    assert code_of(data.client("s3", key).get_object, Bucket="data", Key="alice/k") == "InvalidAccessKeyId"


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param(lambda cloud: ("test", "test"), id="the emulator's own key"),
        pytest.param(lambda cloud: (cloud.root[0], "guessed"), id="the root's key without its secret"),
        pytest.param(lambda cloud: (ACCOUNT, "guessed"), id="the account's number without the secret"),
        pytest.param(lambda cloud: ("AKIAAAAAAAAAAAAAAAAA", "x"), id="an unknown key"),
    ],
)
def test_a_root_key_without_a_signature_is_refused(cloud, credentials):
    """Signature Version 4 for API requests: every request's signature is verified."""
    refused = {"InvalidClientTokenId", "SignatureDoesNotMatch"}
    assert code_of(cloud.client("iam", credentials(cloud)).list_users) in refused


def test_unsigned_request_reads_a_public_bucket(data):
    """How Amazon S3 authorizes a request."""
    assert not reads(data, "nobody")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS}
    data.client("s3").delete_public_access_block(Bucket="data")
    data.client("s3").put_bucket_policy(Bucket="data", Policy=policy(statement))
    assert reads(data, "nobody")
    assert not is_allowed(data.client("s3", "nobody").put_object, Bucket="data", Key="x", Body=b"x")


def test_boundary_caps_and_never_grants(data):
    """Permissions boundaries for IAM entities."""
    arn = data.iam.create_policy(PolicyName="b", PolicyDocument=policy(allow("s3:GetObject")))["Policy"][
        "Arn"
    ]
    key = data.user("alice", allow("s3:*"), PermissionsBoundary=arn)
    assert reads(data, key)
    assert not is_allowed(data.client("s3", key).put_object, Bucket="data", Key="x", Body=b"x")
    assert not reads(data, data.user("bob", PermissionsBoundary=arn))


def test_boundary_of_a_role_made_by_cloudformation_caps_it(data):
    """AWS::IAM::Role PermissionsBoundary."""
    arn = data.iam.create_policy(PolicyName="b", PolicyDocument=policy(allow("s3:GetObject")))["Policy"][
        "Arn"
    ]
    trusting = json.loads(
        policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    )
    data.deploy({
        "R": resource(
            "AWS::IAM::Role", RoleName="r", AssumeRolePolicyDocument=trusting, PermissionsBoundary=arn,
            Policies=[inline("p", allow("s3:*"))],
        )
    })  # fmt: skip
    alice = data.client("sts", data.user("alice", allow("sts:AssumeRole")))
    given = alice.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/r", RoleSessionName="ss")["Credentials"]
    session = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert reads(data, session)
    assert not is_allowed(data.client("s3", session).put_object, Bucket="data", Key="x", Body=b"x")


def test_prefix_narrows_a_listing(data):
    """Bucket policy examples using condition keys: s3:prefix."""
    condition = {"StringLike": {"s3:prefix": "${aws:username}/*"}}
    lists = data.client("s3", data.user("alice", allow("s3:ListBucket", BUCKET, condition))).list_objects_v2
    assert is_allowed(lists, Bucket="data", Prefix="alice/")
    assert not is_allowed(lists, Bucket="data", Prefix="bob/")
    assert not is_allowed(lists, Bucket="data")


def test_variable_in_a_resource_is_the_caller(data):
    """IAM policy elements: Variables and tags."""
    data.client("s3").put_object(Bucket="data", Key="bob/k", Body=b"x")
    own = allow("s3:GetObject", "arn:aws:s3:::data/${aws:username}/*")
    alice, bob = data.user("alice", own), data.user("bob", own)
    assert (reads(data, alice), reads(data, alice, "bob/k")) == (True, False)
    assert (reads(data, bob), reads(data, bob, "bob/k")) == (False, True)


def test_variable_in_a_document_of_2008_is_text(data):
    """IAM JSON policy elements: Version."""
    key = data.user("alice")
    document = {
        "Version": "2008-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/${aws:username}/*"}
        ],
    }
    data.iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=json.dumps(document))
    assert not reads(data, key)


def test_bucket_policy_denies_the_owners_user_and_allows_another(data):
    """Cross-account policy evaluation logic; Policy evaluation for requests within a single account."""
    alice, bob = data.user("alice", allow("s3:*")), data.user("bob")
    users = f"arn:aws:iam::{ACCOUNT}:user"
    refuse = {"Effect": "Deny", "Principal": {"AWS": f"{users}/alice"}, "Action": "s3:*", "Resource": OBJECTS}
    admit = {
        "Effect": "Allow",
        "Principal": {"AWS": f"{users}/bob"},
        "Action": "s3:GetObject",
        "Resource": OBJECTS,
    }
    data.client("s3").put_bucket_policy(Bucket="data", Policy=policy(refuse, admit))
    assert (reads(data, alice), reads(data, bob)) == (False, True)


def test_bucket_policy_for_the_account_needs_an_identity_policy(data):
    """AWS JSON policy elements: Principal."""
    admit = {
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": "s3:*",
        "Resource": [BUCKET, OBJECTS],
    }
    data.client("s3").put_bucket_policy(Bucket="data", Policy=policy(admit))
    assert not reads(data, data.user("alice"))


def test_deny_with_notprincipal_excepts_the_named_principal_and_account(data):
    """AWS JSON policy elements: NotPrincipal."""
    alice, bob = data.user("alice", allow("s3:*")), data.user("bob", allow("s3:*"))
    account, user = f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:user/alice"
    refuse = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [user, account]},
        "Action": "s3:*",
        "Resource": OBJECTS,
    }
    data.client("s3").put_bucket_policy(Bucket="data", Policy=policy(refuse))
    assert (reads(data, alice), reads(data, bob)) == (True, False)
    data.client("s3").put_bucket_policy(
        Bucket="data", Policy=policy({**refuse, "NotPrincipal": {"AWS": user}})
    )
    assert not reads(data, alice)


def test_loopback_counts_as_tls_unless_a_client_overrides_it(data):
    """AWS global condition context keys: aws:SecureTransport."""
    alice = data.client("s3", data.user("alice", allow("s3:*")))
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    refuse = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": OBJECTS,
        "Condition": insecure,
    }
    data.client("s3").put_bucket_policy(Bucket="data", Policy=policy(refuse))
    assert is_allowed(alice.get_object, Bucket="data", Key="alice/k")

    def over_plain_http(request, **_):
        request.headers["x-forwarded-proto"] = "http"

    alice.meta.events.register("before-sign.s3", over_plain_http)
    assert not is_allowed(alice.get_object, Bucket="data", Key="alice/k")


def test_time_bound_grant_applies_until_its_end(data):
    """AWS global condition context keys: aws:CurrentTime."""
    end = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT00:00:00Z")
    key = data.user("alice", allow("s3:GetObject", OBJECTS, {"DateLessThan": {"aws:CurrentTime": end}}))
    assert reads(data, key)
    clock.advance(data.endpoint, timedelta(days=4))
    assert not reads(data, key)
    clock.unset(data.endpoint)
    assert reads(data, key)


def test_get_caller_identity_needs_no_policy_and_no_deny_stops_it(cloud):
    """The AWS STS API Reference "GetCallerIdentity"."""
    alice = cloud.user("alice", deny("*"))
    assert cloud.client("sts", alice).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/alice"


def test_identities_are_authorized_by_their_arn_with_path(cloud):
    """Actions, resources, and condition keys for AWS Identity and Access Management."""
    cloud.iam.create_user(UserName="in", Path="/access/")
    cloud.iam.create_user(UserName="out")
    admin = cloud.client("iam", cloud.user("admin", allow("iam:*", "arn:aws:iam::*:user/access/*")))
    assert is_allowed(admin.get_user, UserName="in")
    assert not is_allowed(admin.get_user, UserName="out")
    assert is_allowed(admin.create_user, UserName="new", Path="/access/")
    assert not is_allowed(admin.create_user, UserName="other")
    assert is_allowed(admin.delete_user, UserName="new")


def test_membership_is_authorized_on_the_group(cloud):
    """Actions, resources, and condition keys for AWS Identity and Access Management: AddUserToGroup."""
    cloud.iam.create_group(GroupName="mine")
    cloud.iam.create_group(GroupName="theirs")
    admin = cloud.client("iam", cloud.user("admin", allow("iam:AddUserToGroup", "arn:aws:iam::*:group/mine")))
    assert is_allowed(admin.add_user_to_group, GroupName="mine", UserName="admin")
    assert not is_allowed(admin.add_user_to_group, GroupName="theirs", UserName="admin")


def test_boundary_restrictions_are_enforced(cloud):
    """Permissions boundaries for IAM entities: delegating responsibility by iam:PermissionsBoundary."""
    fence = cloud.iam.create_policy(PolicyName="fence", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
    fenced = {"StringEquals": {"iam:PermissionsBoundary": fence}}
    key = cloud.user("admin", allow(["iam:CreateUser", "iam:PutUserPolicy"], "*", fenced))
    admin = cloud.client("iam", key)
    assert is_allowed(admin.create_user, UserName="in", PermissionsBoundary=fence)
    assert not is_allowed(admin.create_user, UserName="out")
    cloud.iam.create_user(UserName="out")
    document = policy(allow("s3:*"))
    assert is_allowed(admin.put_user_policy, UserName="in", PolicyName="p", PolicyDocument=document)
    assert not is_allowed(admin.put_user_policy, UserName="out", PolicyName="p", PolicyDocument=document)


def test_attached_policy_is_a_condition_key(cloud):
    """Actions, resources, and condition keys for AWS Identity and Access Management: iam:PolicyARN."""
    only = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
    admin = cloud.client("iam", cloud.user("admin", allow("iam:AttachUserPolicy", "*", only)))
    attach = admin.attach_user_policy
    assert is_allowed(attach, UserName="admin", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert not is_allowed(attach, UserName="admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def test_action_without_a_user_name_is_about_the_caller(cloud):
    """The IAM API Reference "ListAccessKeys"."""
    own = allow(["iam:ListAccessKeys", "iam:GetUser"], "arn:aws:iam::*:user/${aws:username}")
    alice = cloud.client("iam", cloud.user("alice", own))
    cloud.iam.create_user(UserName="bob")
    assert alice.get_user()["User"]["UserName"] == "alice"
    assert [each["UserName"] for each in alice.list_access_keys()["AccessKeyMetadata"]] == ["alice"]
    assert not is_allowed(alice.list_access_keys, UserName="bob")


def test_principal_tag_decides(data):
    """AWS global condition context keys: aws:PrincipalTag."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    tagged = data.user(
        "alice", allow("s3:GetObject", OBJECTS, condition), Tags=[{"Key": "team", "Value": "a"}]
    )
    assert reads(data, tagged)
    assert not reads(data, data.user("bob", allow("s3:GetObject", OBJECTS, condition)))


def test_role_that_trusts_only_a_service_is_assumed_by_no_one(cloud):
    arn = cloud.role("machine", EC2_TRUST, allow("*"))
    admin = cloud.user("admin", allow("*"))
    for credentials in (cloud.root, admin):
        assert not is_allowed(cloud.client("sts", credentials).assume_role, RoleArn=arn, RoleSessionName="ss")
