"""Private S3 buckets, and the bucket for their access logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import aws_cdk.aws_s3 as s3
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_all, in_strict_packs
from access_constructs.synthesis.resources import tag_list
from keywright.policy.statement import Effect, Statement, policy_document
from keywright.reporting.text import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGIONAL = re.compile(r".+-[0-9]{12}-[a-z0-9-]+-an")
_HERE = {
    "S3BucketReplicationEnabled": "one region is declared; versioning keeps overwritten and deleted objects, and the bucket is retained"
}
_OWN_KEY = {
    "S3DefaultEncryptionKMS": "encrypted with SSE-S3: no key policy to maintain with the grants, and no key to lose"
}
_LOG_KEY = {"S3DefaultEncryptionKMS": "S3 delivers access logs only to buckets encrypted with SSE-S3"}
PRIVATE = {
    "blockPublicAcls": True,
    "blockPublicPolicy": True,
    "ignorePublicAcls": True,
    "restrictPublicBuckets": True,
}
"""Blocks public access, whatever an ACL or a policy allows."""

_NO_LOG = "the log bucket of all others: logging it into itself would never end"
_LOGS_END = {"S3BucketLoggingEnabled": _NO_LOG}
"""Reported while no other bucket logs into it: the packs then treat it as any bucket."""


class AccessLogBucket(Construct):
    """The bucket that S3 writes the access logs of the account's buckets to, under `<declared name>/`.

    Only S3's logging service can write, only for this account ("Enabling Amazon S3 server access logging", Amazon S3 User
    Guide). It is encrypted with SSE-S3, which log delivery requires. Logs are kept `keep_days`.

    Raises:
        ValueError: A name that S3 would refuse, or that does not fit `account_regional`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        physical_name: str,
        name: str = "access-logs",
        account_regional: bool = True,
        keep_days: int = 400,
        destroyable: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        self.name = physical_name
        self.arn = bucket_arn(stack.partition, physical_name)
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            **_private(physical_name, account_regional=account_regional),
            bucket_encryption=_encryption(None),
            lifecycle_configuration=_lifecycle(noncurrent_days=keep_days, current_days=keep_days),
        )
        _retain(self.bucket, destroyable=destroyable)
        self.bucket.override_logical_id(logical_id("Bucket", name))
        accept_all(
            self.bucket, {**in_strict_packs({**_HERE, **_LOG_KEY, **_LOGS_END}), "AwsSolutions-S1": _NO_LOG}
        )
        self.policy = _policy(
            self,
            self.bucket,
            name,
            _delivery(self.arn, stack.account),
            _tls_only(self.arn),
            destroyable=destroyable,
        )


class AccessBucket(Construct):
    """A private, encrypted, versioned, logged bucket that is retained when its declaration is removed.

    `account_regional` means that the name is in the account's regional namespace, `<prefix>-<account>-<region>-an`, which no
    other account can use, not even after the bucket is deleted ("Namespaces for general purpose buckets", Amazon S3 User
    Guide); `account_regional_name` makes one. Name and namespace are create-only.

    It is encrypted with SSE-S3: a grant on objects is then sufficient, no key policy must be maintained, and no key can be
    lost with the data. With `key_arn` a customer managed KMS key is used, and grants need the same `key_arn`. Objects
    encrypted with customer-provided keys (SSE-C) are refused.

    `log_bucket` is an `AccessLogBucket` of this stack, or the name of one deployed before.

    Requests must use TLS. Noncurrent versions are kept `noncurrent_days`, incomplete uploads a week. `destroyable` allows
    deleting the bucket with its stack.

    Raises:
        ValueError: A name that S3 would refuse, or that does not fit `account_regional`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        physical_name: str,
        account_regional: bool,
        log_bucket: AccessLogBucket | str,
        key_arn: str | None = None,
        noncurrent_days: int = 365,
        destroyable: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = physical_name
        self.arn = bucket_arn(cdk.Stack.of(self).partition, physical_name)
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            **_private(physical_name, account_regional=account_regional),
            bucket_encryption=_encryption(key_arn),
            lifecycle_configuration=_lifecycle(noncurrent_days=noncurrent_days),
            logging_configuration={
                "destinationBucketName": _log_name(log_bucket),
                "logFilePrefix": f"{name}/",
            },
            tags=tag_list(tags),
        )
        _retain(self.bucket, destroyable=destroyable)
        self.bucket.override_logical_id(logical_id("Bucket", name))
        if isinstance(log_bucket, AccessLogBucket):
            # S3 delivers logs only once the policy of the log bucket allows it.
            self.bucket.add_resource_dependency(log_bucket.policy)
        accept_all(self.bucket, in_strict_packs({**_HERE, **({} if key_arn else _OWN_KEY)}))
        _policy(self, self.bucket, name, _tls_only(self.arn), destroyable=destroyable)


def _log_name(log_bucket: AccessLogBucket | str) -> str:
    return log_bucket if isinstance(log_bucket, str) else log_bucket.name


def bucket_arn(partition: str, physical_name: str) -> str:
    """Give a bucket's ARN as a literal."""
    return f"arn:{partition}:s3:::{physical_name}"


def account_regional_name(prefix: str, *, account: str, region: str) -> str:
    """Give a bucket name in the account's regional namespace ("Account regional namespace naming rules").

    Raises:
        ValueError: The name exceeds 63 characters.
    """
    name = f"{prefix}-{account}-{region}-an"
    _refuse_bad(name, account_regional=True)
    return name


def _refuse_bad(name: str, *, account_regional: bool) -> None:
    if not _NAME.fullmatch(name) or ".." in name:
        raise refusal(
            "a bucket's name is malformed",
            found=f"`{name}` of {len(name)} characters",
            accepted="3 to 63 lower-case letters, digits, `.` and `-`, beginning and ending with a letter or digit",
        )
    if account_regional != bool(_REGIONAL.fullmatch(name)):
        raise refusal(
            "a bucket's name does not fit its namespace",
            found=f"`{name}`",
            accepted="`<prefix>-<account>-<region>-an`"
            if account_regional
            else "a name that does not end with `-an`",
        )


def _private(name: str, *, account_regional: bool) -> dict[str, Any]:
    _refuse_bad(name, account_regional=account_regional)
    return {
        "bucket_name": name,
        "bucket_namespace": "account-regional" if account_regional else None,
        # This disables ACLs, so that policies alone decide ("Controlling ownership of objects and disabling
        # ACLs for your bucket", Amazon S3 User Guide).
        "ownership_controls": {"rules": [{"objectOwnership": "BucketOwnerEnforced"}]},
        "public_access_block_configuration": PRIVATE,
        "versioning_configuration": {"status": "Enabled"},
    }


def _encryption(key_arn: str | None) -> dict[str, Any]:
    by_default = (
        {"sseAlgorithm": "AES256"}
        if key_arn is None
        else {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key_arn}
    )
    return {
        "serverSideEncryptionConfiguration": [
            {
                "serverSideEncryptionByDefault": by_default,
                # A bucket key reduces requests to KMS ("Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys").
                "bucketKeyEnabled": key_arn is not None,
                "blockedEncryptionTypes": {"encryptionType": ["SSE-C"]},
            }
        ]
    }


def _lifecycle(*, noncurrent_days: int, current_days: int | None = None) -> dict[str, Any]:
    ends: dict[str, Any] = {"expirationInDays": current_days} if current_days else {}
    return {
        "rules": [
            {
                "id": "unfinished-uploads",
                "status": "Enabled",
                # Parts of unfinished uploads cost storage, and no listing of objects shows them.
                "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
            },
            {
                "id": "old-versions",
                "status": "Enabled",
                "noncurrentVersionExpiration": {"noncurrentDays": noncurrent_days},
                **ends,
            },
        ]
    }


def _retain(resource: cdk.CfnResource, *, destroyable: bool) -> None:
    # A bucket whose creation fails is deleted all the same; otherwise its name would be taken at the next
    # attempt.
    kept = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    resource.apply_removal_policy(cdk.RemovalPolicy.DESTROY if destroyable else kept)


def _policy(
    scope: Construct, bucket: s3.CfnBucket, name: str, *statements: Statement, destroyable: bool
) -> s3.CfnBucketPolicy:
    """Make the bucket's policy, which names the bucket as a literal because cdk-nag compares names; so it depends on it."""
    policy = s3.CfnBucketPolicy(
        scope, "Policy", bucket=bucket.bucket_name or "", policy_document=policy_document(*statements)
    )
    policy.add_resource_dependency(bucket)
    policy.override_logical_id(logical_id("BucketPolicy", name))
    _retain(policy, destroyable=destroyable)
    return policy


def _tls_only(arn: str) -> Statement:
    return Statement(
        effect=Effect.DENY,
        actions=("s3:*",),
        resources=(arn, f"{arn}/*"),
        principals={"*": ()},
        conditions={"Bool": {"aws:SecureTransport": ("false",)}},
    )


def _delivery(arn: str, account: str) -> Statement:
    return Statement(
        actions=("s3:PutObject",),
        resources=(f"{arn}/*",),
        principals={"Service": ("logging.s3.amazonaws.com",)},
        conditions={"StringEquals": {"aws:SourceAccount": (account,)}},
    )
