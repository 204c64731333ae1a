"""Bucket names fit into S3, and no two declared buckets are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.bucket import physical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.finding import Finding
    from keywright.model.draft import Draft

LONGEST = 63
"""Characters of a bucket's name ("General purpose bucket naming rules", Amazon S3 User Guide)."""


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse names too long once account and region are in them, and two declarations of one bucket."""
    if draft.account is None:
        return
    seen: dict[str, str] = {}
    for name, bucket in draft.buckets.items():
        physical = physical_name(name, bucket, account=draft.account.id, region=draft.account.region)
        if len(physical) > LONGEST:
            most = LONGEST - len(physical) + len(name)
            yield draft.finding(
                f"bucket `{name}` has too long a name in S3",
                f"`{physical}`, {len(physical)} characters",
                f"a name of at most {most} characters, or `name:`",
                at=("buckets", name),
            )
        first = seen.setdefault(physical, name)
        if first != name:
            there = draft.places.key("buckets", first)
            yield draft.finding(
                f"bucket `{name}` is bucket `{first}` once more",
                f"`{physical}`, the first at {there}",
                "one of them",
                at=("buckets", name),
                see=(there,),
            )
