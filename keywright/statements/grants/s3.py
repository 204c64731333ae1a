"""Grants on a bucket, or on one prefix of it, as exact actions on the narrowest resources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.grants.grant import S3Level
from keywright.policy.statement import Conditions, Statement
from keywright.reporting.text import listed, refusal
from keywright.statements.conditions import (
    USER_NAME_VARIABLE,
    merge_conditions,
    principal_tag,
    until_condition,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from keywright.model.grants.grant import AccessLevel

    Table = Mapping[S3Level, tuple[str, ...]]

_PUT = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject")
"""A multipart upload takes several requests, one of which lists its parts."""
_DELETE = ("s3:DeleteObject",)

OBJECT_ACTIONS: Mapping[S3Level, tuple[str, ...]] = {
    S3Level.LIST: (),
    S3Level.READ: ("s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging"),
    S3Level.WRITE: tuple(sorted(_PUT + _DELETE)),
    S3Level.PUT: _PUT,
    S3Level.DELETE: _DELETE,
    S3Level.TAGGING: ("s3:DeleteObjectTagging", "s3:PutObjectTagging"),
    S3Level.PERMISSIONS_MANAGEMENT: ("s3:PutObjectAcl",),
}
"""By access level, actions on objects ("Actions, resources, and condition keys for Amazon S3", Service
Authorization Reference). They reach current versions only, not those that were deleted or overwritten."""

VERSION_ACTIONS: Mapping[S3Level, tuple[str, ...]] = {
    S3Level.READ: ("s3:GetObjectVersion", "s3:GetObjectVersionAttributes", "s3:GetObjectVersionTagging"),
    S3Level.DELETE: ("s3:DeleteObjectVersion",),
    S3Level.TAGGING: ("s3:DeleteObjectVersionTagging", "s3:PutObjectVersionTagging"),
    S3Level.PERMISSIONS_MANAGEMENT: ("s3:PutObjectVersionAcl",),
}
"""Further actions of a grant with `versions`. Deleting a version is permanent, so `write` does not include it."""

PREFIX_ACTIONS: Mapping[S3Level, tuple[str, ...]] = {S3Level.LIST: ("s3:ListBucket",)}
"""Actions on the bucket whose requests contain the condition key `s3:prefix`."""
PREFIX_VERSION_ACTIONS: Mapping[S3Level, tuple[str, ...]] = {S3Level.LIST: ("s3:ListBucketVersions",)}

_UPLOADS = ("s3:ListBucketMultipartUploads",)
BUCKET_ACTIONS: Mapping[S3Level, tuple[str, ...]] = {
    S3Level.WRITE: _UPLOADS,
    S3Level.PUT: _UPLOADS,
    S3Level.PERMISSIONS_MANAGEMENT: (
        "s3:DeleteBucketPolicy",
        "s3:PutBucketAcl",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
    ),
}
"""Actions on the whole bucket. A grant on a prefix or through an access point has none of them: the first cannot be
restricted to a prefix, and an access point gives access to objects only."""

_UPLOADING = ("kms:Decrypt", "kms:GenerateDataKey")
KEY_ACTIONS: Mapping[S3Level, tuple[str, ...]] = {
    S3Level.READ: ("kms:Decrypt",),
    S3Level.WRITE: _UPLOADING,
    S3Level.PUT: _UPLOADING,
}
"""Use of the bucket's key; a multipart upload decrypts too ("Protecting data using server-side encryption with AWS
KMS keys", Amazon S3 User Guide)."""

# A policy document contains no characters above U+00FF ("PutRolePolicy", IAM API Reference); `$` can start a
# policy variable.
_NO_LITERAL = r"*?$\x00-\x1f\x7f-\x9f\u0100-\U0010ffff"
_PREFIX = re.compile(rf"[^/{_NO_LITERAL}][^{_NO_LITERAL}]*/")
_BUCKET = re.compile(r"arn:(?P<partition>aws[a-z-]*):s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KEY = re.compile(r"arn:(?P<partition>aws[a-z-]*):kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+")
_ACCESS_POINT = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):s3:[a-z0-9-]+:[0-9]{12}:accesspoint/[a-z0-9][a-z0-9-]{1,48}[a-z0-9]"
)
_DNS_SUFFIX = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}


@dataclass(frozen=True, kw_only=True)
class S3Grant:
    """Access levels on a bucket, or on the objects under one prefix of it; a value, not a construct.

    `prefix` ends with `/`, so that `monthly/` never matches `monthly-secret/`; `None` is the whole bucket. `prefix_tag`
    is the key of a principal tag whose value is the folder, below the prefix if there is one. With `prefix_user_name`
    the folder has the user's name; role sessions have none. `key_arn` is the bucket's own encryption key.
    With `access_point_arn` the grant is only for requests through that access point, which both the access point and the
    bucket must allow ("Configuring IAM policies for using access points", Amazon S3 User Guide). With `versions` it
    includes overwritten and deleted versions; `delete` deletes them, `write` does not. `until` is the last day, in UTC.

    Raises:
        ValueError: An argument would match more than what it names, or the grant would be empty.
    """

    bucket_arn: str
    levels: Sequence[S3Level | AccessLevel]
    prefix: str | None
    key_arn: str | None = None
    access_point_arn: str | None = None
    versions: bool = False
    until: date | None = None
    prefix_tag: str | None = None
    prefix_user_name: bool = False

    def __post_init__(self) -> None:
        if not _BUCKET.fullmatch(self.bucket_arn):
            raise refusal(
                "a grant is for one bucket",
                found=f"`{self.bucket_arn}`",
                accepted="`arn:aws:s3:::<bucket>` with the account's partition",
            )
        if self.prefix is not None and not _PREFIX.fullmatch(self.prefix):
            raise refusal(
                "a prefix is a folder, compared literally",
                found=f"`{self.prefix}`",
                accepted="Latin characters without `*`, `?`, `$`, not beginning with `/` and ending with `/`",
            )
        if self.key_arn is not None and not _KEY.fullmatch(self.key_arn):
            raise refusal(
                "a key is named by the ARN of the key itself",
                found=f"`{self.key_arn}`",
                accepted="`arn:aws:kms:<region>:<account>:key/<id>`, no alias",
            )
        if self.access_point_arn is not None and not _ACCESS_POINT.fullmatch(self.access_point_arn):
            raise refusal(
                "a grant is for one access point",
                found=f"`{self.access_point_arn}`",
                accepted="`arn:aws:s3:<region>:<account>:accesspoint/<name>`",
            )
        if self.prefix_tag is not None:
            # Called only because it refuses a malformed key.
            principal_tag(self.prefix_tag)
        if not self.levels:
            raise refusal(
                "a grant has no access level",
                found="no level",
                accepted=listed(S3Level),
            )
        self._refuse_unknown_levels()

    def _refuse_unknown_levels(self) -> None:
        known = {str(level) for level in S3Level}
        unknown = (
            [self.levels]
            if isinstance(self.levels, str)
            else [each for each in self.levels if each not in known]
        )
        if unknown:
            raise refusal(
                "an access level is unknown, or is not in a tuple",
                found=f"`{unknown[0]}`",
                accepted=f"a tuple of {listed(S3Level)}",
            )

    def statements(self) -> tuple[Statement, ...]:
        """Give the statements in an order that does not depend on the order of `levels`."""
        parts = (self._list(), self._objects(), self._bucket(), self._key())
        return tuple(statement for part in parts for statement in part)

    def _actions(self, by_level: Table, of_versions: Table | None = None) -> tuple[str, ...]:
        tables = [by_level, of_versions or {}] if self.versions else [by_level]
        levels = [S3Level(level) for level in self.levels]
        return tuple(
            sorted({action for table in tables for level in levels for action in table.get(level, ())})
        )

    def _allow(
        self, actions: tuple[str, ...], *resources: str, conditions: Conditions
    ) -> Iterator[Statement]:
        if actions:
            bound = merge_conditions(conditions, until_condition(self.until))
            yield Statement(actions=actions, resources=resources, conditions=bound)

    def _data(self, actions: tuple[str, ...], within: Conditions, *, objects: bool) -> Iterator[Statement]:
        """Allow actions on the bucket or its objects; with an access point on both, and on the bucket only through it."""
        through: Conditions = {}
        if self.access_point_arn is not None:
            resource = f"{self.access_point_arn}/object/{self._keys}" if objects else self.access_point_arn
            yield from self._allow(actions, resource, conditions=within)
            through = {"StringEquals": {"s3:DataAccessPointArn": (self.access_point_arn,)}}
        resource = self._object_arn if objects else self.bucket_arn
        yield from self._allow(actions, resource, conditions=merge_conditions(within, through))

    def _list(self) -> Iterator[Statement]:
        within: Conditions = {"StringLike": {"s3:prefix": (self._keys,)}} if self._folder else {}
        yield from self._data(self._actions(PREFIX_ACTIONS, PREFIX_VERSION_ACTIONS), within, objects=False)

    def _objects(self) -> Iterator[Statement]:
        yield from self._data(self._actions(OBJECT_ACTIONS, VERSION_ACTIONS), {}, objects=True)

    def _bucket(self) -> Iterator[Statement]:
        if not self._folder and self.access_point_arn is None:
            yield from self._allow(self._actions(BUCKET_ACTIONS), self.bucket_arn, conditions={})

    def _key(self) -> Iterator[Statement]:
        if self.key_arn is None:
            return
        conditions: Conditions = {
            "StringEquals": {"kms:ViaService": (_s3_service_of(self.key_arn),)},
            # The encryption context is the bucket's ARN if the bucket has a bucket key, else the object's ARN
            # ("Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys", Amazon S3 User Guide).
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": (self.bucket_arn, self._object_arn)},
        }
        yield from self._allow(self._actions(KEY_ACTIONS), self.key_arn, conditions=conditions)

    @property
    def _keys(self) -> str:
        return f"{self._folder}*"

    @property
    def _object_arn(self) -> str:
        return f"{self.bucket_arn}/{self._keys}"

    @property
    def _folder(self) -> str:
        own = f"{principal_tag(self.prefix_tag)}/" if self.prefix_tag is not None else ""
        name = f"{USER_NAME_VARIABLE}/" if self.prefix_user_name else ""
        return f"{self.prefix or ''}{own}{name}"


def _s3_service_of(key_arn: str) -> str:
    """Name S3 in the key's region as `kms:ViaService` does ("AWS KMS condition keys", AWS KMS Developer Guide)."""
    _, partition, _, region, *_ = key_arn.split(":")
    return f"s3.{region}.{_DNS_SUFFIX.get(partition, 'amazonaws.com')}"
