"""IAM refuses invalid documents and parameters, and AWS managed policies grant what they document.

AWS: "Grammar of the IAM JSON policy language"; the IAM API Reference. What passes here because of a repair
proves the repair, not AWS.
"""

import json

import pytest

from tests.sandbox.cloud import (
    ACCOUNT,
    REGION,
    allow,
    code_of,
    is_allowed,
    resource,
    trust,
)

GOOD = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = trust({"AWS": ACCOUNT})


def document(statement, **top):
    return json.dumps({"Version": "2012-10-17", "Statement": statement, **top})


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("no JSON", id="no JSON"),
        pytest.param(document([]), id="no statement"),
        pytest.param(document([GOOD], Version="2012-10-18"), id="no such version"),
        pytest.param(document([GOOD], Comment="x"), id="no such element"),
        pytest.param(document([{**GOOD, "Effect": "allow"}]), id="effect in another case"),
        pytest.param(document([{**GOOD, "Principal": "*"}]), id="principal"),
        pytest.param(document([{**GOOD, "Action": "GetObject"}]), id="action without a service"),
        pytest.param(document([{**GOOD, "Action": []}]), id="no action"),
        pytest.param(document([{**GOOD, "Resource": "my-bucket"}]), id="resource that is no ARN"),
        pytest.param(document([{**GOOD, "Resource": "arn:aws:*::111111111111:*"}]), id="any service"),
        pytest.param(document([{"Effect": "Allow", "Action": "s3:*"}]), id="no resource"),
        pytest.param(document([{**GOOD, "NotResource": "*"}]), id="resource and its opposite"),
        pytest.param(document([{**GOOD, "Sid": "with space"}]), id="statement id"),
        pytest.param(document([{**GOOD, "Sid": "a"}, {**GOOD, "Sid": "a"}]), id="statement id twice"),
        pytest.param(
            document([{**GOOD, "Condition": {"StringContains": {"aws:x": "y"}}}]), id="no such operator"
        ),
        pytest.param(document([{**GOOD, "Condition": {"StringEquals": {"x": "y"}}}]), id="condition key"),
        pytest.param(document([{**GOOD, "Condition": {"StringEquals": "x"}}]), id="condition without a key"),
    ],
)
def test_malformed_identity_policy_is_refused(cloud, wrong):
    assert code_of(cloud.iam.create_policy, PolicyName="p", PolicyDocument=wrong) == "MalformedPolicyDocument"


@pytest.mark.parametrize(
    "right",
    [
        pytest.param(document(GOOD), id="one statement without a list"),
        pytest.param(document([GOOD], Id="x"), id="document id"),
        pytest.param(
            document([{**GOOD, "Condition": {"ForAllValues:StringLikeIfExists": {"aws:x": ["y"]}}}]), id="set"
        ),
        pytest.param(document([{**GOOD, "Condition": {"Null": {"aws:x": "true"}}}]), id="null"),
        pytest.param(document([{**GOOD, "Condition": {"Bool": {"aws:x": True}}}]), id="boolean"),
        pytest.param(document([{**GOOD, "Action": "*"}]), id="every action"),
    ],
)
def test_well_formed_identity_policy_is_accepted(cloud, right):
    cloud.iam.create_policy(PolicyName="p", PolicyDocument=right)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({**TRUST, "Resource": "*"}, id="resource"),
        pytest.param({**TRUST, "Action": "s3:GetObject"}, id="action of another service"),
        pytest.param({"Effect": "Allow", "Action": "sts:AssumeRole"}, id="no principal"),
    ],
)
def test_malformed_trust_policy_is_refused(cloud, wrong):
    assert code_of(cloud.role, name="r", trust=wrong) == "MalformedPolicyDocument"


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        pytest.param("create_user", {"UserName": "with space"}, id="user name"),
        pytest.param("create_user", {"UserName": "x" * 65}, id="long user name"),
        pytest.param("create_user", {"UserName": "u", "Path": "access"}, id="path without slashes"),
        pytest.param("create_group", {"GroupName": "a/b"}, id="group name"),
        pytest.param("create_account_alias", {"AccountAlias": "Acme_Reporting"}, id="alias"),
    ],
)
def test_parameter_out_of_shape_is_refused(cloud, action, arguments):
    assert code_of(getattr(cloud.iam, action), **arguments) == "ValidationError"


def test_session_name_out_of_shape_is_refused(cloud):
    alice = cloud.client("sts", cloud.user("alice", allow("*")))
    arn = cloud.role("r", TRUST)
    assert code_of(alice.assume_role, RoleArn=arn, RoleSessionName="with space") == "ValidationError"


def test_refused_password_is_not_repeated(cloud):
    cloud.iam.create_user(UserName="alice")
    password = "Correct-horse-1" * 10
    with pytest.raises(cloud.iam.exceptions.ClientError) as caught:
        cloud.iam.create_login_profile(UserName="alice", Password=password)
    assert "Correct-horse" not in str(caught.value)


def test_parameter_of_a_template_has_the_same_constraints(cloud):
    user = resource("AWS::IAM::User", UserName="u", Path="access")
    assert "ValidationError" in cloud.deploy({"U": user}).reasons["U"]


def test_aws_managed_policy_grants_what_its_document_allows(cloud):
    """AWS Managed Policy Reference Guide: SecurityAudit."""
    alice = cloud.user("alice")
    assert not is_allowed(cloud.client("iam", alice).list_users)
    cloud.iam.attach_user_policy(UserName="alice", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    assert is_allowed(cloud.client("iam", alice).list_users)
    assert not is_allowed(cloud.client("iam", alice).create_user, UserName="other")
    assert (
        cloud.iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")["Policy"]["PolicyName"]
        == "SecurityAudit"
    )


@pytest.mark.parametrize(
    "arn",
    ["arn:aws:iam::aws:policy/NoSuchPolicy", f"arn:aws:iam::{ACCOUNT}:policy/none"],
    ids=["AWS's", "one's own"],
)
def test_policy_that_does_not_exist_is_not_attached(cloud, arn):
    """The IAM API Reference "AttachUserPolicy"."""
    cloud.iam.create_user(UserName="alice")
    assert code_of(cloud.iam.attach_user_policy, UserName="alice", PolicyArn=arn) == "NoSuchEntity"


def test_alias_belongs_to_one_account(cloud):
    """The IAM API Reference "CreateAccountAlias"."""
    other = cloud.client("iam", cloud.other_root)
    other.create_account_alias(AccountAlias="acme")
    assert code_of(cloud.iam.create_account_alias, AccountAlias="acme") == "EntityAlreadyExists"
    cloud.iam.create_account_alias(AccountAlias="first")
    cloud.iam.create_account_alias(AccountAlias="second")
    assert cloud.iam.list_account_aliases()["AccountAliases"] == ["second"]
    assert code_of(cloud.iam.delete_account_alias, AccountAlias="first") == "NoSuchEntity"
    assert other.list_account_aliases()["AccountAliases"] == ["acme"]


def test_object_encrypted_with_a_key_needs_use_of_the_key(cloud):
    """Using server-side encryption with AWS KMS keys, in the Amazon S3 User Guide."""
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    encrypted = {
        "ServerSideEncryptionConfiguration": [
            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        ]
    }
    assert (
        cloud.deploy({"B": resource("AWS::S3::Bucket", BucketName="data", BucketEncryption=encrypted)}).status
        == "CREATE_COMPLETE"
    )
    cloud.client("s3").put_object(Bucket="data", Key="k", Body=b"x")
    objects = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::data/*")
    through_s3 = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}
    without = cloud.client("s3", cloud.user("without", objects))
    reader = cloud.client("s3", cloud.user("reader", objects, allow("kms:Decrypt", key, through_s3)))
    assert not is_allowed(without.get_object, Bucket="data", Key="k")
    assert is_allowed(reader.get_object, Bucket="data", Key="k")
    assert not is_allowed(reader.put_object, Bucket="data", Key="l", Body=b"x")
    assert not is_allowed(
        cloud.client("kms", cloud.user("direct", allow("kms:Decrypt", key, through_s3))).describe_key,
        KeyId=key,
    )
