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
    """Give the resource as policies see it: listing all buckets takes `*` and `arn:aws:s3:::*` alike."""
    return "arn:aws:s3:::*" if lowered_action == "s3:listallmybuckets" and resource == "*" else resource


def keys(service: str, owner: str) -> dict[str, tuple[str, ...]]:
    """Give S3's own name for the resource's account."""
    return {"s3:resourceaccount": (owner,)} if owner and service == "s3" else {}


def overrides_bucket_policy(lowered_action: str, kind: PrincipalKind, *, is_within_account: bool) -> bool:
    """Tell whether no bucket policy can deny: so that no owner locks itself out, its root user mends the policy."""
    return kind is PrincipalKind.ROOT and is_within_account and lowered_action in _ON_BUCKET_POLICIES
