"""`buckets:` - S3 buckets and their access points."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import Shape

AccessPointName = Annotated[
    str,
    Shape(
        "an access point's name",
        "3 to 50 lower-case letters, digits and hyphens, a letter first and no hyphen last",
        pattern=r"^[a-z][a-z0-9-]{1,48}[a-z0-9]$",
    ),
]
"""Unique in the account and region ("Naming rules for Amazon S3 access points", Amazon S3 User Guide)."""
VpcId = Annotated[
    str, Shape("a VPC", "such as `vpc-0abcdef1234567890`", pattern=r"^vpc-([0-9a-f]{8}|[0-9a-f]{17})$")
]


class AccessPoint(Strict):
    """An access point of a bucket; it is declared under its name in S3."""

    vpc: VpcId | None = None
    """The only VPC from which it can be used; fixed at its creation."""
    existing: bool = False
    """Whether the access point is only referenced, and never created, changed or deleted."""


BucketName = Annotated[
    str,
    Shape(
        "a bucket's name",
        "3 to 63 lower-case letters, digits, hyphens and dots, a letter or digit at both ends",
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    ),
]
KeyArn = Annotated[
    str,
    Shape(
        "a key's ARN",
        "`arn:aws:kms:<region>:<account>:key/<id>`, not an alias",
        pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/"
        r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$",
        longest=256,
    ),
]
_RESERVED = re.compile(
    r"xn--.*|sthree-.*|amzn-s3-demo-.*|.*-s3alias|.*--ol-s3|.*\.mrap|.*--x-s3|.*--table-s3|.*-an|\d+\.\d+\.\d+\.\d+|.*\.\..*"
)
"""Names that S3 reserves ("General purpose bucket naming rules", Amazon S3 User Guide)."""

_RESERVED_ACCESS_POINTS = re.compile(r"xn--.*|.*-s3alias|.*--(ol|x|xa)-s3")
"""Names that S3 reserves ("Naming rules for Amazon S3 access points", Amazon S3 User Guide)."""


class Bucket(Strict):
    """A new private, encrypted, versioned and logged bucket, or an existing one."""

    name: BucketName | None = None
    """The name in S3; without it, one is made from the declared name, account and region."""
    existing: BucketName | None = None
    """The name in S3 of an existing bucket that is only referenced, and never created, changed or deleted."""
    tags: Tags
    """Tags of the bucket, at most 50."""

    key: KeyArn | None = None
    """The ARN of the KMS key that encrypts it; without it, S3's own key. Grants on the bucket include its use."""
    access_points: Annotated[dict[AccessPointName, AccessPoint], Field(default_factory=dict, max_length=100)]
    """Access points, by their names in S3; a grant can be limited to one."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report names that S3 would refuse, and contradictions with `existing`."""
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
        for name, access_point in self.access_points.items():
            if self.existing is not None and not access_point.existing:
                yield Mistake(
                    "{owner} exists already and is never changed",
                    f"access point `{name}`",
                    f"`{name}: {{existing: true}}`",
                    ("access_points", name),
                )
            if access_point.existing and access_point.vpc is not None:
                yield Mistake(
                    f"access point `{name}` of {{owner}} exists already and is never changed",
                    "`vpc`",
                    "`existing: true` without `vpc`",
                    ("access_points", name, "vpc"),
                )
            if _RESERVED_ACCESS_POINTS.fullmatch(name):
                yield Mistake(
                    "the name of an access point of {owner} is reserved by S3",
                    f"`{name}`",
                    "another name",
                    ("access_points", name),
                )
        if self.existing is not None and self.tags:
            yield Mistake("{owner} exists already and is never changed", "`tags`", "no `tags`", "tags")
        yield from mistakes_of_tags(self.tags)


def physical_name(declared: str, bucket: Bucket, *, account: str, region: str) -> str:
    """Give a bucket's name in S3; without `name` it is in the account's regional namespace, where nobody else can take it."""
    # The suffix `-an` puts the name into the account's regional namespace ("Namespaces for general purpose
    # buckets").
    return bucket.existing or bucket.name or f"{declared}-{account}-{region}-an"
