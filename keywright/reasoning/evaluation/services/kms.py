"""AWS Key Management Service.

Source: "Key policies in AWS KMS": a key's policy is the primary way to control access. No principal, not even the
account's root user, has any permission to a key unless its policy allows it; allowing the account lets the account's
own policies count.
"""

from __future__ import annotations

from keywright.policy.matching.arn import Arn


def is_key(service: str, resource: str) -> bool:
    """Return whether the request acts on a KMS key, so that its key policy decides."""
    arn = Arn.parse(resource)
    return service == "kms" and arn is not None and arn.resource.startswith("key/")


def keys(service: str, account: str) -> dict[str, tuple[str, ...]]:
    """Return the context key of KMS for the caller's account."""
    return {"kms:calleraccount": (account,)} if account and service == "kms" else {}
