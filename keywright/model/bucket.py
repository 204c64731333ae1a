"""`buckets:` - where the data is that access is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict

if TYPE_CHECKING:
    from collections.abc import Iterator

BucketName = Annotated[
    str,
    Shape(
        "a bucket's name",
        "3 to 63 lower-case letters, digits, hyphens and dots, a letter or digit at both ends",
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    ),
]
_RESERVED = re.compile(
    r"xn--.*|sthree-.*|amzn-s3-demo-.*|.*-s3alias|.*--ol-s3|.*\.mrap|.*--x-s3|.*--table-s3|.*-an|\d+\.\d+\.\d+\.\d+|.*\.\..*"
)
"""Names that S3 keeps for itself ("General purpose bucket naming rules", Amazon S3 User Guide)."""


class Bucket(Strict):
    """A private, encrypted, versioned, logged bucket of ours, or one that exists already."""

    name: BucketName | None = None
    """The physical name; without it, one that nobody else can take is made from the declared name."""
    existing: BucketName | None = None
    """The physical name of a bucket that is referenced, and never created, changed or deleted."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what S3 would refuse, and whether the bucket is both ours and not ours."""
        if self.name is not None and self.existing is not None:
            yield Mistake(
                "{owner} has both `name` and `existing`",
                f"`{self.name}`, `{self.existing}`",
                "one of the two",
                "name",
            )
        if self.name is not None and _RESERVED.fullmatch(self.name):
            yield Mistake(
                "`name` of {owner} is reserved by S3", f"`{self.name}`", "another name, or none", "name"
            )


def physical_name(declared: str, bucket: Bucket, *, account: str, region: str) -> str:
    """Give a bucket's name in S3; one without a name of its own lies in the account's regional namespace."""
    return bucket.existing or bucket.name or f"{declared}-{account}-{region}-an"
