"""`access_points:` of a bucket - doors of their own to it."""

from typing import Annotated

from keywright.model.shape import Shape
from keywright.model.strict import Strict

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
