"""What canned access control lists of buckets allow whom.

Source: "Access control list (ACL) overview", Amazon S3 User Guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.value import Text
from keywright.policy.document import Document, Kind
from keywright.policy.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.template import Resource

_LISTING = ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads")
_WRITING = ("s3:PutObject", "s3:DeleteObject")
_LISTED = {
    "PublicRead": (_LISTING, {"*": ("*",)}),
    "PublicReadWrite": ((*_LISTING, *_WRITING), {"*": ("*",)}),
    "AuthenticatedRead": (_LISTING, {"AWS": ("*",)}),
}


def allowed_by_list(bucket: Resource, arn: str) -> Iterator[Document]:
    """Read a bucket's access control list, where nothing blocks public ones."""
    if "true" in _texts(bucket, "PublicAccessBlockConfiguration", "IgnorePublicAcls"):
        return
    for name in _texts(bucket, "AccessControl"):
        if name in _LISTED:
            actions, principals = _LISTED[name]
            statement = Statement(actions=actions, resources=(arn, f"{arn}/*"), principals=principals)
            yield Document((statement,), kind=Kind.RESOURCE)


def _texts(resource: Resource, *path: str) -> list[str]:
    found = (each.literal for each in resource.readings(*path) if isinstance(each, Text))
    return [each for each in found if each is not None]
