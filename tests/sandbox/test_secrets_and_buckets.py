"""Secrets, buckets and dynamic references behave as AWS documents.

What passes here because of a repair proves the repair, not AWS.
"""

import json
import string

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cloud import ACCOUNT, OTHER_ACCOUNT, REGION, allow, resource

SECRET = "AWS::SecretsManager::Secret"


def value(cloud, name):
    return cloud.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]


def test_generated_secret_has_a_character_of_every_kind_and_none_excluded(cloud):
    """AWS::SecretsManager::Secret GenerateSecretString: RequireEachIncludedType is true by default."""
    cloud.deploy({
        f"S{number}": resource(
            SECRET,
            Name=f"s{number}",
            GenerateSecretString={
                "SecretStringTemplate": '{"user": "alice"}',
                "GenerateStringKey": "password",
                "PasswordLength": "8",
                "ExcludeCharacters": "\"'\\",
            },
        )
        for number in range(20)
    })  # fmt: skip
    for number in range(20):
        secret = json.loads(value(cloud, f"s{number}"))
        assert secret["user"] == "alice"
        assert len(secret["password"]) == 8
        assert not set(secret["password"]) & set("\"'\\")
        for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation):
            assert set(secret["password"]) & set(kind)


def test_taken_secret_name_is_refused_and_the_other_secret_stays(cloud):
    """The AWS Secrets Manager API Reference "CreateSecret": ResourceExistsException."""
    cloud.client("secretsmanager").create_secret(Name="s", SecretString="mine")
    outcome = cloud.deploy({"S": resource(SECRET, Name="s", SecretString="yours")})
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert "AlreadyExists" in outcome.reasons["S"]
    assert value(cloud, "s") == "mine"


def test_secret_policy_allows_and_denies(cloud):
    """AWS::SecretsManager::ResourcePolicy."""
    alice, bob = cloud.user("alice", allow("secretsmanager:*")), cloud.user("bob")
    arn = f"arn:aws:iam::{ACCOUNT}:user"
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"{arn}/bob"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        },
        {
            "Effect": "Deny",
            "Principal": {"AWS": f"{arn}/alice"},
            "Action": "secretsmanager:*",
            "Resource": "*",
        },
    ]
    template = {
        "S": resource(SECRET, Name="s", SecretString="x"),
        "P": resource(
            "AWS::SecretsManager::ResourcePolicy",
            SecretId={"Ref": "S"},
            ResourcePolicy={"Version": "2012-10-17", "Statement": statements},
        ),
    }
    cloud.deploy(template)
    assert cloud.client("secretsmanager", bob).get_secret_value(SecretId="s")["SecretString"] == "x"
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.client("secretsmanager", alice).get_secret_value(SecretId="s")
    del template["P"]
    cloud.deploy(template)
    assert cloud.client("secretsmanager", alice).get_secret_value(SecretId="s")["SecretString"] == "x"


def bucket(**more):
    return {"B": resource("AWS::S3::Bucket", **more)}


OWN_NAME = f"reports-{ACCOUNT}-{REGION}-an"


def test_bucket_in_the_account_regional_namespace_has_the_accounts_suffix(cloud):
    """Namespaces for general purpose buckets."""
    ref = {"Ref": {"Value": {"Ref": "B"}}}
    made = cloud.deploy(bucket(BucketNamespace="account-regional", BucketName=OWN_NAME), outputs=ref)
    assert made.outputs == {"Ref": OWN_NAME}
    cloud.reset()
    prefixed = cloud.deploy(
        bucket(BucketNamespace="account-regional", BucketNamePrefix="reports"), outputs=ref
    )
    assert prefixed.outputs == {"Ref": OWN_NAME}


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"BucketNamespace": "account-regional", "BucketName": "reports"}, id="no suffix"),
        pytest.param(
            {"BucketNamespace": "account-regional", "BucketName": f"reports-{OTHER_ACCOUNT}-{REGION}-an"},
            id="another account's suffix",
        ),
        pytest.param({"BucketName": OWN_NAME}, id="suffix without the namespace"),
    ],
)
def test_bucket_name_outside_of_its_namespace_is_refused(cloud, properties):
    """Namespaces for general purpose buckets."""
    assert cloud.deploy(bucket(**properties)).status == "ROLLBACK_COMPLETE"


def test_a_name_of_another_accounts_namespace_is_refused(cloud):
    """Namespaces for general purpose buckets."""
    other = cloud.client("s3", cloud.other_root)
    location = {"LocationConstraint": REGION}
    with pytest.raises(ClientError, match="InvalidBucketName"):
        other.create_bucket(Bucket=OWN_NAME, CreateBucketConfiguration=location)
    with pytest.raises(ClientError, match="InvalidBucketName"):
        other.create_bucket(
            Bucket=OWN_NAME, CreateBucketConfiguration=location, BucketNamespace="account-regional"
        )


def test_bucket_with_objects_is_not_deleted(cloud):
    """The Amazon S3 API Reference "DeleteBucket": all objects in the bucket must be deleted before."""
    cloud.deploy(bucket(BucketName="b" * 3))
    cloud.client("s3").put_object(Bucket="bbb", Key="k", Body=b"x")
    outcome = cloud.destroy()
    assert outcome.status == "DELETE_FAILED"
    assert "not empty" in outcome.reasons["B"]
    cloud.client("s3").delete_object(Bucket="bbb", Key="k")
    assert cloud.destroy().status == "DELETE_COMPLETE"


def written(number):
    return f"{{{{resolve:secretsmanager:s{number}:SecretString:password}}}}"


def joined(number):
    return {
        "Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": f"S{number}"}, ":SecretString:password::}}"]]
    }


def substituted(number):
    return {"Fn::Sub": f"{{{{resolve:secretsmanager:${{S{number}}}:SecretString:password}}}}"}


def users(count, reference):
    secrets = {
        f"S{number}": resource(SECRET, Name=f"s{number}", SecretString='{"password": "Correct-horse-1"}')
        for number in range(count)
    }
    return secrets | {
        f"U{number}": resource(
            "AWS::IAM::User",
            UserName=f"u{number}",
            LoginProfile={"Password": reference(number)},
            DependsOn=f"S{number}",
        )
        for number in range(count)
    }


@pytest.mark.parametrize("reference", [written, joined, substituted])
def test_sixty_dynamic_references_pass_and_one_more_does_not(cloud, reference):
    """AWS CloudFormation User Guide "Understand CloudFormation quotas"."""
    assert cloud.deploy(users(60, reference)).status == "CREATE_COMPLETE"
    with pytest.raises(
        ClientError, match="Number of dynamic references, 61, is greater than maximum allowed, 60"
    ):
        cloud.deploy(users(61, reference), stack="more")


def test_analyzer_is_created_and_deleted(cloud):
    """AWS::AccessAnalyzer::Analyzer."""
    analyzer = {"A": resource("AWS::AccessAnalyzer::Analyzer", AnalyzerName="a", Type="ACCOUNT")}
    made = cloud.deploy(analyzer, outputs={"Arn": {"Value": {"Ref": "A"}}})
    assert made.outputs == {"Arn": f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/a"}
    assert cloud.destroy().status == "DELETE_COMPLETE"


def test_log_group_is_made_renamed_and_deleted(cloud):
    """AWS::Logs::LogGroup."""

    def group(name):
        return {"L": resource("AWS::Logs::LogGroup", LogGroupName=name, RetentionInDays=7)}

    def names():
        return [each["logGroupName"] for each in cloud.client("logs").describe_log_groups()["logGroups"]]

    cloud.deploy(group("/a"))
    cloud.deploy(group("/b"))
    assert names() == ["/b"]
    cloud.destroy()
    assert names() == []


def test_secret_is_read_only_by_allowed_principals(cloud):
    cloud.client("secretsmanager").create_secret(Name="keywright/first-password/alice", SecretString="x")
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:keywright/first-password/*"
    reader = cloud.user("reader", allow("secretsmanager:GetSecretValue", arn))
    other = cloud.user("other", allow("secretsmanager:GetSecretValue", arn.replace("first", "second")))
    name = "keywright/first-password/alice"
    assert cloud.client("secretsmanager", reader).get_secret_value(SecretId=name)["SecretString"] == "x"
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.client("secretsmanager", other).get_secret_value(SecretId=name)
