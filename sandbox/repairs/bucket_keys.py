"""Objects under a KMS key take the use of the key beside the use of the bucket.

AWS: "Using server-side encryption with AWS KMS keys" in the Amazon S3 User Guide: kms:Decrypt to read,
kms:GenerateDataKey to write. The emulator asks for neither. Judged are objects whose bucket encrypts with a
key by default; a key named in the request itself, and keys of other accounts, are not.
"""

from __future__ import annotations

from typing import Any

from sandbox.repairs.emulator import bucket_encryption, evaluator
from sandbox.repairs.seams import account_id, patch

_NEEDED = {
    "s3:GetObject": "kms:Decrypt",
    "s3:GetObjectVersion": "kms:Decrypt",
    "s3:PutObject": "kms:GenerateDataKey",
}
_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"


def register() -> None:
    """Ask for the key once the bucket is allowed."""
    original = patch(evaluator, "enforce", None)

    def enforce(access_key: str, action: str, *where: str, resource_arn: str = "*", **more: Any) -> Any:
        denied = original(access_key, action, *where, resource_arn=resource_arn, **more)
        _, region = where
        key = _key_of(resource_arn, region) if denied is None and action in _NEEDED else ""
        if not key:
            return denied
        bucket = resource_arn.partition("/")[0]
        context = {"kms:ViaService": f"s3.{region}.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": bucket}
        return original(access_key, _NEEDED[action], "kms", region, resource_arn=key, service_context=context)

    patch(evaluator, "enforce", enforce)


def _key_of(object_arn: str, region: str) -> str:
    """Give the ARN of the key a bucket encrypts with, empty where AWS's own key does."""
    bucket = object_arn.removeprefix("arn:aws:s3:::").partition("/")[0]
    key = str(bucket_encryption(bucket).get(_KEY_HEADER, ""))
    return key if key.startswith("arn:") or not key else f"arn:aws:kms:{region}:{account_id()}:key/{key}"
