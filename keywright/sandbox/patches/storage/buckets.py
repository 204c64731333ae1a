"""AWS::S3::Bucket, as in the CloudFormation Template Reference and "Namespaces for general purpose buckets".

The emulator ignores `BucketNamespace` and `BucketNamePrefix`, lets any account use a name of another account's regional
namespace, deletes a bucket with its objects, and ignores `BucketEncryption` and suspended versioning. Ownership,
logging and lifecycle of a template are still ignored.
"""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from keywright.sandbox.patches.cloudformation.resource_types import checked_delete, prepared_create
from keywright.sandbox.patches.emulator import (
    bucket_encryptions,
    bucket_versioning,
    buckets,
    provisioners,
    s3,
    s3_apply_configurations,
    s3_create_bucket,
    s3_error,
)
from keywright.sandbox.patches.hooks import Parameters, account_id, patch, region

_REGIONAL_NAME = re.compile(r".+-(?P<account>\d{12})-(?P<region>[a-z]{2}(-[a-z]+)+-\d)-an")


def register() -> None:
    """Check the namespaces in the type and in CreateBucket."""
    prepared_create("AWS::S3::Bucket", _named)
    checked_delete("AWS::S3::Bucket", _refuse_while_objects_are_left)

    def create_bucket(name: str, body: bytes, headers: Any = None, endpoint_region: Any = None) -> Any:
        if refusal := _name_refusal(name, str((headers or {}).get("x-amz-bucket-namespace", ""))):
            return s3_error("InvalidBucketName", refusal, 400, f"/{name}")
        return s3_create_bucket(name, body, headers, endpoint_region)

    patch(s3, "_create_bucket", create_bucket)
    patch(provisioners, "_s3_apply_configurations", _apply)


def _apply(name: str, properties: Parameters, old: Parameters | None = None) -> None:
    """Apply the configuration, including what the emulator omits."""
    s3_apply_configurations(name, properties, old)
    rules = (properties.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration") or []
    if rules:
        bucket_encryptions[name] = _encryption(rules[0])
    else:
        bucket_encryptions.pop(name, None)
    if (properties.get("VersioningConfiguration") or {}).get("Status") == "Suspended":
        bucket_versioning[name] = "Suspended"


def _encryption(rule: dict[str, Any]) -> str:
    """Write a template's encryption rule in the XML of PutBucketEncryption."""
    default = rule["ServerSideEncryptionByDefault"]
    members = "".join(f"<{member}>{escape(str(value))}</{member}>" for member, value in default.items())
    enabled = str(rule.get("BucketKeyEnabled", False)).lower()
    return (
        '<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>'
        f"<ApplyServerSideEncryptionByDefault>{members}</ApplyServerSideEncryptionByDefault>"
        f"<BucketKeyEnabled>{enabled}</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
    )


def _named(properties: Parameters) -> dict[str, Any]:
    """Give the properties with the bucket's name.

    Raises:
        ValueError: The name is not in the requested namespace.
    """
    named = dict(properties)
    if prefix := named.pop("BucketNamePrefix", None):
        named["BucketName"] = f"{prefix}-{account_id()}-{region()}-an"
    namespace = str(named.get("BucketNamespace", ""))
    if refusal := _name_refusal(str(named.get("BucketName", "")), namespace):
        raise ValueError(refusal)
    return named


def _name_refusal(name: str, namespace: str) -> str:
    """Give the reason why this account cannot use a name, in the global or its regional namespace."""
    own = f"-{account_id()}-{region()}-an"
    if namespace == "account-regional" and not name.endswith(own):
        return f"a bucket of the account regional namespace ends in {own}; found {name}"
    if _REGIONAL_NAME.fullmatch(name) and namespace != "account-regional":
        return f"{name} belongs to an account regional namespace, which the request does not name"
    return ""


def _refuse_while_objects_are_left(name: str, _properties: Parameters) -> None:
    if (buckets.get(name) or {}).get("objects"):
        raise ValueError(
            f"The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Bucket: {name})"
        )
