"""Amazon S3.

Sources: "How Amazon S3 works with IAM", "Actions, resources, and condition keys for Amazon S3"; "PutBucketPolicy" in the
API Reference, "AWS::S3Express::BucketPolicy" in the CloudFormation template reference.
"""

from __future__ import annotations

from keywright.policy.principals import PrincipalKind

_ON_BUCKET_POLICIES = frozenset(
    f"{service}:{verb}bucketpolicy" for service in ("s3", "s3express") for verb in ("get", "put", "delete")
)


def resource_seen(lowered_action: str, resource: str) -> str:
    """Return the resource as policies match it.

    Listing all buckets accepts `*` and `arn:aws:s3:::*` alike.
    """
    return "arn:aws:s3:::*" if lowered_action == "s3:listallmybuckets" and resource == "*" else resource


def keys(service: str, owner: str) -> dict[str, tuple[str, ...]]:
    """Return the context key of S3 for the account of the resource."""
    return {"s3:resourceaccount": (owner,)} if owner and service == "s3" else {}


def overrides_bucket_policy(lowered_action: str, kind: PrincipalKind, *, is_within_account: bool) -> bool:
    """Return whether no bucket policy can deny the call.

    The root user can always repair a policy that locks everyone out.
    """
    return kind is PrincipalKind.ROOT and is_within_account and lowered_action in _ON_BUCKET_POLICIES
