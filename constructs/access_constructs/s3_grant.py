"""Access to a bucket, or to one prefix of it, as exact actions on the narrowest resources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from access_constructs.refusal import refusal
from access_constructs.time_bound import joined, until_condition
from keywright.model.grant import AccessLevel
from keywright.policy.statement import Conditions, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

OBJECT_ACTIONS: Mapping[AccessLevel, tuple[str, ...]] = {
    AccessLevel.LIST: (),
    AccessLevel.READ: ("s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging"),
    AccessLevel.WRITE: (
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
    ),
    AccessLevel.TAGGING: ("s3:DeleteObjectTagging", "s3:PutObjectTagging"),
    AccessLevel.PERMISSIONS_MANAGEMENT: ("s3:PutObjectAcl",),
}
"""By access level, actions on objects ("Actions, resources, and condition keys for Amazon S3", Service
Authorization Reference). Current versions only: what was deleted or overwritten is neither read nor removed for good.
An upload in parts is written by several requests, one of which lists the parts of the upload."""

PREFIX_ACTIONS: Mapping[AccessLevel, tuple[str, ...]] = {AccessLevel.LIST: ("s3:ListBucket",)}
"""Actions on the bucket that name a prefix in the request, the condition key `s3:prefix`."""

BUCKET_ACTIONS: Mapping[AccessLevel, tuple[str, ...]] = {
    AccessLevel.WRITE: ("s3:ListBucketMultipartUploads",),
    AccessLevel.PERMISSIONS_MANAGEMENT: (
        "s3:DeleteBucketPolicy",
        "s3:PutBucketAcl",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
    ),
}
"""Actions on the bucket as a whole; a grant on a prefix yields none of them, because none can be held to a prefix."""

KEY_ACTIONS: Mapping[AccessLevel, tuple[str, ...]] = {
    AccessLevel.READ: ("kms:Decrypt",),
    AccessLevel.WRITE: ("kms:Decrypt", "kms:GenerateDataKey"),
}
"""Use of the bucket's key; an upload in parts decrypts too ("Protecting data using server-side encryption with AWS
KMS keys", Amazon S3 User Guide)."""

_NO_LITERAL = r"*?$\x00-\x1f\x7f-\x9f\u0100-\U0010ffff"
_PREFIX = re.compile(rf"[^/{_NO_LITERAL}][^{_NO_LITERAL}]*/")
_BUCKET = re.compile(r"arn:(?P<partition>aws[a-z-]*):s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KEY = re.compile(r"arn:(?P<partition>aws[a-z-]*):kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+")
_DNS_SUFFIX = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}


@dataclass(frozen=True, kw_only=True)
class S3Grant:
    """Access levels on a bucket, or on the objects under one prefix of it; a value, not a construct.

    `prefix` ends with `/`, so that `monthly/` never reaches `monthly-secret/`; `None` is the whole bucket.
    `key_arn` is the key that encrypts the bucket, where it has one of its own. `until` is the last day, in UTC.

    Raises:
        ValueError: An argument would widen the grant beyond what it says, or yields nothing.
    """

    bucket_arn: str
    levels: Sequence[AccessLevel]
    prefix: str | None
    key_arn: str | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if not _BUCKET.fullmatch(self.bucket_arn):
            raise refusal(
                "a grant needs one bucket's ARN",
                found=f"`{self.bucket_arn}`",
                accepted="`arn:aws:s3:::<bucket>` with the account's partition",
            )
        if self.prefix is not None and not _PREFIX.fullmatch(self.prefix):
            raise refusal(
                "a prefix is a folder, taken literally",
                found=f"`{self.prefix}`",
                accepted="Latin characters without `*`, `?`, `$`, not beginning with `/` and ending with `/`",
            )
        if self.key_arn is not None and not _KEY.fullmatch(self.key_arn):
            raise refusal(
                "use of a key is granted on the key itself",
                found=f"`{self.key_arn}`",
                accepted="`arn:aws:kms:<region>:<account>:key/<id>`, no alias",
            )
        if not self.levels:
            raise refusal(
                "a grant without an access level grants nothing",
                found="no level",
                accepted=", ".join(f"`{level}`" for level in AccessLevel),
            )

    def statements(self) -> tuple[Statement, ...]:
        """Give the statements in an order that does not depend on the order of `levels`."""
        parts = (self._list(), self._objects(), self._bucket(), self._key())
        return tuple(statement for part in parts for statement in part)

    def _actions(self, by_level: Mapping[AccessLevel, tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(sorted({action for level in self.levels for action in by_level.get(level, ())}))

    def _allow(
        self, actions: tuple[str, ...], *resources: str, conditions: Conditions
    ) -> Iterator[Statement]:
        if actions:
            bound = joined(conditions, until_condition(self.until))
            yield Statement(actions=actions, resources=resources, conditions=bound)

    def _list(self) -> Iterator[Statement]:
        within: Conditions = {"StringLike": {"s3:prefix": (f"{self.prefix}*",)}} if self.prefix else {}
        yield from self._allow(self._actions(PREFIX_ACTIONS), self.bucket_arn, conditions=within)

    def _objects(self) -> Iterator[Statement]:
        yield from self._allow(self._actions(OBJECT_ACTIONS), self._object_arn, conditions={})

    def _bucket(self) -> Iterator[Statement]:
        if self.prefix is None:
            yield from self._allow(self._actions(BUCKET_ACTIONS), self.bucket_arn, conditions={})

    def _key(self) -> Iterator[Statement]:
        if self.key_arn is None:
            return
        conditions: Conditions = {
            "StringEquals": {"kms:ViaService": (_s3_of(self.key_arn),)},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": (self.bucket_arn, self._object_arn)},
        }
        yield from self._allow(self._actions(KEY_ACTIONS), self.key_arn, conditions=conditions)

    @property
    def _object_arn(self) -> str:
        return f"{self.bucket_arn}/{self.prefix or ''}*"


def _s3_of(key_arn: str) -> str:
    """Name S3 in the key's region as `kms:ViaService` does ("AWS KMS condition keys", AWS KMS Developer Guide)."""
    _, partition, _, region, *_ = key_arn.split(":")
    return f"s3.{region}.{_DNS_SUFFIX.get(partition, 'amazonaws.com')}"
