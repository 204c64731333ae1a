"""`buckets:` - where the data is that access is about."""

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
    """A door of its own to a bucket, by its name in S3, which is what it is declared under."""

    vpc: VpcId | None = None
    """The only VPC from which it can be used; fixed once it is made."""
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
        "`arn:aws:kms:<region>:<account>:key/<id>`, no alias",
        pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/"
        r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$",
        longest=256,
    ),
]
_RESERVED = re.compile(
    r"xn--.*|sthree-.*|amzn-s3-demo-.*|.*-s3alias|.*--ol-s3|.*\.mrap|.*--x-s3|.*--table-s3|.*-an|\d+\.\d+\.\d+\.\d+|.*\.\..*"
)
"""Names that S3 keeps for itself ("General purpose bucket naming rules", Amazon S3 User Guide)."""

_RESERVED_DOORS = re.compile(r"xn--.*|.*-s3alias|.*--(ol|x|xa)-s3")
"""Names that S3 keeps for itself ("Naming rules for Amazon S3 access points", Amazon S3 User Guide)."""


class Bucket(Strict):
    """A private, encrypted, versioned, logged bucket of ours, or one that exists already."""

    name: BucketName | None = None
    """The physical name; without it, one that nobody else can take is made from the declared name."""
    existing: BucketName | None = None
    """The physical name of a bucket that is referenced, and never created, changed or deleted."""
    tags: Tags
    """Tags of the bucket, at most 50."""

    key: KeyArn | None = None
    """The KMS key that encrypts it, by its ARN; without it, S3's own. Its use comes with the grants on the bucket."""
    access_points: Annotated[dict[AccessPointName, AccessPoint], Field(default_factory=dict, max_length=100)]
    """Doors of their own to the bucket, by their names in S3; a grant may hold through one alone."""

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
        for name, door in self.access_points.items():
            if self.existing is not None and not door.existing:
                yield Mistake(
                    "{owner} exists already and is never changed",
                    f"access point `{name}`",
                    f"`{name}: {{existing: true}}`",
                    ("access_points", name),
                )
            if door.existing and door.vpc is not None:
                yield Mistake(
                    f"access point `{name}` of {{owner}} exists already and is never changed",
                    "`vpc`",
                    "`existing: true` without `vpc`",
                    ("access_points", name, "vpc"),
                )
            if _RESERVED_DOORS.fullmatch(name):
                yield Mistake(
                    "an access point of {owner} has a name that is reserved by S3",
                    f"`{name}`",
                    "another name",
                    ("access_points", name),
                )
        if self.existing is not None and self.tags:
            yield Mistake("{owner} exists already and is never changed", "`tags`", "no `tags`", "tags")
        yield from mistakes_of_tags(self.tags)


def physical_name(declared: str, bucket: Bucket, *, account: str, region: str) -> str:
    """Give a bucket's name in S3; one without a name of its own lies in the account's regional namespace."""
    return bucket.existing or bucket.name or f"{declared}-{account}-{region}-an"
