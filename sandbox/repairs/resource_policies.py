"""Policies of buckets and secrets are documents, and name principals that exist.

AWS: "PutBucketPolicy" in the Amazon S3 API Reference, "PutResourcePolicy" in the AWS Secrets Manager API Reference,
"AWS JSON policy elements: Principal" in the IAM User Guide. The emulator keeps any text. Unlike trust, such a policy keeps
comparing ARNs once the identity it names is gone.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.repairs.emulator import (
    json_error,
    put_bucket_policy,
    put_secret_policy,
    s3,
    s3_error,
    secretsmanager,
)
from sandbox.repairs.policy_grammar import SYNTAX
from sandbox.repairs.resources import checked_write
from sandbox.repairs.seams import Parameters, Refused, patch
from sandbox.repairs.trust_policies import refuse_nobody


def register() -> None:
    """Check a policy before it is kept, by API and by template."""
    patch(s3, "_put_bucket_policy", _put_bucket_policy)
    patch(secretsmanager, "_put_resource_policy", _put_secret_policy)
    checked_write("AWS::S3::BucketPolicy", lambda properties: _check_template(properties["PolicyDocument"]))
    checked_write(
        "AWS::SecretsManager::ResourcePolicy",
        lambda properties: _check_template(properties["ResourcePolicy"]),
    )


def _put_bucket_policy(name: str, body: bytes, *more: Any) -> Any:
    try:
        _check(body)
    except Refused as refused:
        return s3_error("MalformedPolicy", refused.message, 400, f"/{name}")
    return put_bucket_policy(name, body, *more)


def _put_secret_policy(data: Parameters) -> Any:
    try:
        _check(data.get("ResourcePolicy", ""))
    except Refused as refused:
        return json_error("MalformedPolicyDocumentException", refused.message, 400)
    return put_secret_policy(data)


def _check_template(document: Any) -> None:
    try:
        _check(document)
    except Refused as refused:
        raise ValueError(f"{refused.message} (HandlerErrorCode: InvalidRequest)") from None


def _check(document: Any) -> None:
    """Hold a resource's policy against what every service asks of one.

    Raises:
        Refused: It is no document, or names a user or role of this account that does not exist.
    """
    try:
        content = json.loads(document) if isinstance(document, (str, bytes)) else document
        statements = content["Statement"]
    except (ValueError, KeyError, TypeError):
        raise Refused(400, "MalformedPolicy", SYNTAX) from None
    listed = [statements] if isinstance(statements, dict) else statements
    if not all(isinstance(each, dict) and {"Principal", "NotPrincipal"} & each.keys() for each in listed):
        raise Refused(400, "MalformedPolicy", "Missing required field Principal")
    refuse_nobody(content)
