"""Objects and secrets under a KMS key need permission for the key as well.

AWS: "Using server-side encryption with AWS KMS keys" in the Amazon S3 User Guide: kms:Decrypt to read,
kms:GenerateDataKey to write; "Secret encryption and decryption" in the AWS Secrets Manager User Guide: kms:Decrypt to
read. The emulator requires neither. Checked are objects whose bucket encrypts with a key by default, and reads of
secrets with a key of their own; not checked are a key named in the request itself, keys of other accounts, and writes
of secrets. Replicas of a secret that a template creates keep the key that it names for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.emulator import bucket_encryption, evaluator, key_record, secret_records
from keywright.sandbox.patches.hooks import account_id, patch

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEEDED = {
    "s3:GetObject": "kms:Decrypt",
    "s3:GetObjectVersion": "kms:Decrypt",
    "s3:PutObject": "kms:GenerateDataKey",
    "secretsmanager:GetSecretValue": "kms:Decrypt",
}
_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"


def register() -> None:
    """Require the key's permission once the bucket or secret is allowed."""
    original = patch(evaluator, "enforce", None)

    def enforce(access_key: str, action: str, *where: str, resource_arn: str = "*", **more: Any) -> Any:
        denied = original(access_key, action, *where, resource_arn=resource_arn, **more)
        _, region = where
        if denied is not None or action not in _NEEDED:
            return denied
        service = action.partition(":")[0]
        for key, name, value in (_of_bucket if service == "s3" else _of_secret)(resource_arn, region):
            context = {
                "kms:ViaService": f"{service}.{region}.amazonaws.com",
                "kms:CallerAccount": account_id(),
                f"kms:EncryptionContext:{name}": value,
            }
            return original(
                access_key, _NEEDED[action], "kms", region, resource_arn=key, service_context=context
            )
        return None

    patch(evaluator, "enforce", enforce)


def _of_bucket(object_arn: str, region: str) -> Iterator[tuple[str, str, str]]:
    """Give a bucket's customer managed key with its encryption context."""
    bucket = object_arn.partition("/")[0]
    key = str(bucket_encryption(bucket.removeprefix("arn:aws:s3:::")).get(_KEY_HEADER, ""))
    if key:
        arn = key if key.startswith("arn:") else f"arn:aws:kms:{region}:{account_id()}:key/{key}"
        yield arn, "aws:s3:arn", bucket


def _of_secret(secret_arn: str, _region: str) -> Iterator[tuple[str, str, str]]:
    """Give a secret's customer managed key with its encryption context."""
    for secret in secret_records.values():
        key = key_record(secret.get("KmsKeyId")) if secret["ARN"] == secret_arn else None
        if key:
            yield key["Arn"], "SecretARN", secret_arn
