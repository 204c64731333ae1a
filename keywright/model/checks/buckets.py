"""Buckets: valid names, no bucket declared twice, keys in the right region, and access points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.buckets import physical_name
from keywright.model.fields.nearest import nearest
from keywright.model.grants.grant import S3Grant
from keywright.model.queries import granting
from keywright.policy.matching.arn import partition_of
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.buckets import Bucket
    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding

LONGEST = 63
"""Characters of a bucket's name ("General purpose bucket naming rules", Amazon S3 User Guide)."""


def check_buckets(draft: Draft) -> Iterator[Finding]:
    """Refuse names that are too long with account and region, and two declarations of one bucket."""
    if draft.account is None:
        return
    seen: dict[str, str] = {}
    for name, bucket in draft.declared.buckets.items():
        physical = physical_name(name, bucket, account=draft.account.id, region=draft.account.region)
        if len(physical) > LONGEST:
            most = LONGEST - len(physical) + len(name)
            yield draft.finding(
                f"the S3 name of bucket `{name}` is too long",
                f"`{physical}`, {len(physical)} characters",
                f"a name of at most {most} characters, or `name:`",
                at=("buckets", name),
            )
        first = seen.setdefault(physical, name)
        if first != name:
            there = draft.places.key("buckets", first)
            yield draft.finding(
                f"buckets `{first}` and `{name}` are the same S3 bucket",
                f"`{physical}`, the first at {there}",
                "one of them",
                at=("buckets", name),
                see=(there,),
            )
        yield from _key(draft, name, bucket, draft.account.region)
    yield from _access_points(draft)
    yield from _granted_access_points(draft)


def _key(draft: Draft, name: str, bucket: Bucket, region: str) -> Iterator[Finding]:
    """Refuse a key of another partition, and for a new bucket a key of another region."""
    if bucket.key is None:
        return
    _, partition, _, place, *_ = bucket.key.split(":")
    # An existing bucket can be in another region than the account's, and its key is in the region of the
    # bucket.
    if partition != partition_of(region) or (bucket.existing is None and place != region):
        yield draft.finding(
            f"the key of bucket `{name}` is in another region or partition",
            f"`{bucket.key}`",
            f"`arn:{partition_of(region)}:kms:{region}:<account>:key/<id>`",
            at=("buckets", name, "key"),
        )


def _access_points(draft: Draft) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for bucket, declared in draft.declared.buckets.items():
        for name in declared.access_points:
            first = seen.setdefault(name, bucket)
            if first != bucket:
                there = draft.places.key("buckets", first, "access_points", name)
                yield draft.finding(
                    f"access point `{name}` is declared for two buckets",
                    f"`{bucket}`, and `{first}` at {there}",
                    "a different name for each; names are unique in an account",
                    at=("buckets", bucket, "access_points", name),
                    see=(there,),
                )


def _granted_access_points(draft: Draft) -> Iterator[Finding]:
    """Refuse grants through an access point that the bucket does not have."""
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if (
                not isinstance(grant, S3Grant)
                or grant.access_point is None
                or grant.bucket not in draft.declared.buckets
            ):
                continue
            access_points = draft.declared.buckets[grant.bucket].access_points
            if grant.access_point not in access_points:
                yield draft.finding(
                    f"bucket `{grant.bucket}` has no such access point",
                    f"`{grant.access_point}`",
                    listed(nearest(grant.access_point, access_points))
                    or f"a name under `access_points` of `{grant.bucket}`",
                    at=(*path, "grants", index, "access_point"),
                )
