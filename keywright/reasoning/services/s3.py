"""Amazon S3.

Sources: "How Amazon S3 works with IAM", "Actions, resources, and condition keys for Amazon S3".
"""

from __future__ import annotations


def resource_seen(lowered_action: str, resource: str) -> str:
    """Give the resource as policies see it: listing all buckets takes `*` and `arn:aws:s3:::*` alike."""
    return "arn:aws:s3:::*" if lowered_action == "s3:listallmybuckets" and resource == "*" else resource


def keys(service: str, owner: str) -> dict[str, tuple[str, ...]]:
    """Give S3's own name for the resource's account."""
    return {"s3:resourceaccount": (owner,)} if owner and service == "s3" else {}
