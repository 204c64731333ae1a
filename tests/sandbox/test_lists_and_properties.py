"""Lists are paged, templates have only existing properties, and policies name only existing principals.

AWS: the IAM API Reference, the CloudFormation Template Reference. What passes here because of a repair proves the repair,
not AWS.
"""

import json

import pytest

from tests.sandbox.cloud import ACCOUNT, REGION, allow, code_of, is_allowed, policy, resource

NOBODY = f"arn:aws:iam::{ACCOUNT}:user/nobody"


def test_users_are_listed_a_hundred_a_page(cloud):
    """The IAM API Reference "ListUsers": MaxItems, IsTruncated, Marker."""
    names = [f"user-{number}" for number in range(120)]
    for name in names:
        cloud.iam.create_user(UserName=name)
    first = cloud.iam.list_users()
    assert (len(first["Users"]), first["IsTruncated"]) == (100, True)
    rest = cloud.iam.list_users(Marker=first["Marker"])
    assert (len(rest["Users"]), rest["IsTruncated"]) == (20, False)
    pages = cloud.iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 7})
    assert [user["UserName"] for page in pages for user in page["Users"]] == names


def test_account_details_are_paged_across_their_lists(cloud):
    """The IAM API Reference "GetAccountAuthorizationDetails"."""
    boundary = cloud.iam.create_policy(PolicyName="b", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
    tags = [{"Key": "a", "Value": "b c"}]
    for number in range(3):
        cloud.user(f"u{number}", allow("s3:*"), PermissionsBoundary=boundary, Tags=tags)
        cloud.iam.create_group(GroupName=f"g{number}")
    pages = cloud.iam.get_paginator("get_account_authorization_details")
    found = pages.paginate(PaginationConfig={"PageSize": 2}).build_full_result()
    assert [user["UserName"] for user in found["UserDetailList"]] == ["u0", "u1", "u2"]
    assert [group["GroupName"] for group in found["GroupDetailList"]] == ["g0", "g1", "g2"]
    user = found["UserDetailList"][0]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert user["UserPolicyList"][0]["PolicyDocument"] == json.loads(policy(allow("s3:*")))
    assert user["Tags"] == tags


def test_page_out_of_range_is_refused(cloud):
    assert code_of(cloud.iam.list_users, Marker="elsewhere") == "ValidationError"


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        pytest.param(
            "AWS::IAM::User", {"userName": "u"}, "extraneous key [userName] is not permitted", id="case"
        ),
        pytest.param(
            "AWS::IAM::Group", {"PermissionsBoundary": "x"}, "extraneous key [PermissionsBoundary]", id="none"
        ),
        pytest.param("AWS::IAM::Role", {}, "required key [AssumeRolePolicyDocument] not found", id="missing"),
        pytest.param(
            "AWS::SecretsManager::Secret", {"SecretName": "s"}, "extraneous key [SecretName]", id="another"
        ),
    ],
)
def test_property_that_a_type_lacks_fails(cloud, kind, properties, reason):
    outcome = cloud.deploy({"X": resource(kind, **properties)})
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert reason in outcome.reasons["X"]


def test_property_that_a_type_lacks_fails_an_update_too(cloud):
    cloud.deploy({"X": resource("AWS::IAM::User", UserName="u")})
    outcome = cloud.deploy({"X": resource("AWS::IAM::User", UserName="u", path="/a/")})
    assert (outcome.status, "extraneous key [path]" in outcome.reasons["X"]) == (
        "UPDATE_ROLLBACK_COMPLETE",
        True,
    )


@pytest.fixture
def bucket(cloud):
    cloud.client("s3").create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
    return cloud


def statement(**more):
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*", **more}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("{", id="no JSON"),
        pytest.param("{}", id="no statement"),
        pytest.param(policy(statement()), id="no principal"),
        pytest.param(policy(statement(Principal={"AWS": NOBODY})), id="nobody"),
    ],
)
def test_invalid_bucket_policy_is_refused(bucket, document):
    """The Amazon S3 API Reference "PutBucketPolicy": MalformedPolicy."""
    assert code_of(bucket.client("s3").put_bucket_policy, Bucket="data", Policy=document) == "MalformedPolicy"


def test_bucket_policy_of_a_template_names_only_existing_principals(bucket):
    document = json.loads(policy(statement(Principal={"AWS": NOBODY})))
    outcome = bucket.deploy({"P": resource("AWS::S3::BucketPolicy", Bucket="data", PolicyDocument=document)})
    assert "Invalid principal in policy" in outcome.reasons["P"]


def test_invalid_secret_policy_is_refused(cloud):
    """The AWS Secrets Manager API Reference "PutResourcePolicy": MalformedPolicyDocumentException."""
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name="s", SecretString="x")
    document = policy({"Effect": "Allow", "Principal": {"AWS": NOBODY}, "Action": "*", "Resource": "*"})
    put = secrets.put_resource_policy
    assert code_of(put, SecretId="s", ResourcePolicy=document) == "MalformedPolicyDocumentException"


def test_user_deletes_only_their_own_keys(cloud):
    """The IAM API Reference "DeleteAccessKey"."""
    own = allow(["iam:DeleteAccessKey", "iam:UpdateAccessKey"], "arn:aws:iam::*:user/${aws:username}")
    alice, bob = cloud.user("alice", own), cloud.user("bob")
    iam = cloud.client("iam", alice)
    assert code_of(iam.delete_access_key, UserName="alice", AccessKeyId=bob[0]) == "NoSuchEntity"
    assert (
        code_of(iam.update_access_key, UserName="alice", AccessKeyId=bob[0], Status="Inactive")
        == "NoSuchEntity"
    )
    assert not is_allowed(iam.delete_access_key, UserName="bob", AccessKeyId=bob[0])
    assert is_allowed(iam.delete_access_key, AccessKeyId=alice[0])


@pytest.mark.parametrize("metadata", ["x" * 1000, f"<EntityDescriptor>{'x' * 1000}</EntityDescriptor>"])
def test_invalid_saml_metadata_is_refused(cloud, metadata):
    """The IAM API Reference "CreateSAMLProvider": InvalidInput."""
    create = cloud.iam.create_saml_provider
    assert code_of(create, Name="okta", SAMLMetadataDocument=metadata) == "InvalidInput"


def test_issuer_without_tls_is_refused(cloud):
    """The IAM API Reference "CreateOpenIDConnectProvider": the URL must begin with https://."""
    assert code_of(cloud.iam.create_open_id_connect_provider, Url="http://idp.example") == "InvalidInput"


def test_saml_federation_is_refused_and_documented(cloud, root_folder):
    """The emulator refuses what it cannot verify, as docs/emulator.md documents."""
    assume = cloud.client("sts", "nobody").assume_role_with_saml
    arn = f"arn:aws:iam::{ACCOUNT}"
    request = {
        "RoleArn": f"{arn}:role/r",
        "PrincipalArn": f"{arn}:saml-provider/okta",
        "SAMLAssertion": "PHg+",
    }
    assert code_of(assume, **request) == "InvalidAction"
    assert "AssumeRoleWithSAML is not emulated" in (root_folder / "docs" / "emulator.md").read_text()
