"""Buckets: private, encrypted, versioned, logged, TLS only, and retained."""

from __future__ import annotations

import re

import pytest

from access_constructs.storage.bucket import AccessBucket, AccessLogBucket, account_regional_name, bucket_arn

REPORTS = "reports-111111111111-eu-central-1-an"
LOGS = "access-logs-111111111111-eu-central-1-an"
KEY = "arn:aws:kms:eu-central-1:111111111111:key/0a1b"


def bucket(stack, **arguments):
    variant = {key: arguments[key] for key in ("destroyable",) if key in arguments}
    logs = AccessLogBucket(stack, "access-logs", physical_name=LOGS, **variant)
    defaults = {"name": "reports", "physical_name": REPORTS, "account_regional": True, "log_bucket": logs}
    return AccessBucket(stack, "reports", **(defaults | arguments))


def test_is_private_encrypted_versioned_and_logged(stack, resources):
    bucket(stack)
    assert resources()["Bucket0reports"] == {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketName": REPORTS,
            "BucketNamespace": "account-regional",
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
                        "BucketKeyEnabled": False,
                        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                    }
                ]
            },
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "unfinished-uploads",
                        "Status": "Enabled",
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                    },
                    {
                        "Id": "old-versions",
                        "Status": "Enabled",
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 365},
                    },
                ]
            },
            "LoggingConfiguration": {"DestinationBucketName": LOGS, "LogFilePrefix": "reports/"},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        },
        "DependsOn": ["BucketPolicy0accessX2dlogs"],
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
    }


def test_accepts_requests_over_tls_only(stack, resources):
    bucket(stack)
    assert resources()["BucketPolicy0reports"]["Properties"]["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{REPORTS}", f"arn:aws:s3:::{REPORTS}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_accepts_logs_from_s3_for_this_account_only(stack, resources):
    bucket(stack)
    delivery, tls = resources()["BucketPolicy0accessX2dlogs"]["Properties"]["PolicyDocument"]["Statement"]
    assert delivery == {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{LOGS}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}},
    }
    assert tls["Effect"] == "Deny"


def test_arn_is_literal(stack):
    assert bucket(stack).arn == bucket_arn("aws", REPORTS) == f"arn:aws:s3:::{REPORTS}"


def test_a_given_name_is_in_the_global_namespace(stack, resources):
    bucket(stack, physical_name="acme-reports", account_regional=False)
    properties = resources()["Bucket0reports"]["Properties"]
    assert properties["BucketName"] == "acme-reports"
    assert "BucketNamespace" not in properties


def test_a_given_key_encrypts_it(stack, resources):
    bucket(stack, key_arn=KEY)
    (rule,) = resources()["Bucket0reports"]["Properties"]["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert rule["BucketKeyEnabled"] is True


def test_every_resource_is_retained(stack, resources):
    bucket(stack)
    assert {each["DeletionPolicy"] for each in resources().values()} == {"RetainExceptOnCreate"}


def test_a_destroyable_bucket_is_deleted_with_its_stack_and_is_as_private(stack, resources):
    bucket(stack, destroyable=True)
    template = resources()
    assert {each["DeletionPolicy"] for each in template.values()} == {"Delete"}
    assert "aws:SecureTransport" in repr(template["BucketPolicy0reports"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"physical_name": "Reports", "account_regional": False},
            "a bucket's name is malformed; found `Reports` of 7 characters; accepted: 3 to 63 "
            "lower-case letters, digits, `.` and `-`, beginning and ending with a letter or digit",
            id="capital",
        ),
        pytest.param(
            {"physical_name": "acme-reports"},
            "a bucket's name does not fit its namespace; found "
            "`acme-reports`; accepted: `<prefix>-<account>-<region>-an`",
            id="not of the account",
        ),
        pytest.param(
            {"account_regional": False},
            "a bucket's name does not fit its namespace; found "
            f"`{REPORTS}`; accepted: a name that does not end with `-an`",
            id="not global",
        ),
    ],
)
def test_refuses(stack, arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        bucket(stack, **arguments)


def test_refuses_a_regional_name_that_is_too_long():
    assert account_regional_name("reports", account="111111111111", region="eu-central-1") == REPORTS
    with pytest.raises(ValueError, match="a bucket's name is malformed; found `"):
        account_regional_name("a" * 40, account="111111111111", region="eu-central-1")
