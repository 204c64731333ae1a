"""Access to a declared bucket: `s3: [read, put]`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from keywright.model.buckets import AccessPointName
from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import LITERAL, LITERAL_BUT_SLASH, DeclaredName, Shape
from keywright.model.grants.tags import PrefixBy


class S3Level(StrEnum):
    """AWS's access levels, and the two halves of its `write`: `put` and `delete`."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    PUT = "put"
    DELETE = "delete"
    TAGGING = "tagging"
    PERMISSIONS_MANAGEMENT = "permissions management"


HALVES = frozenset({S3Level.PUT, S3Level.DELETE})
"""What AWS files under `write` as one."""
S3Levels = Annotated[
    tuple[Annotated[S3Level, Field(strict=False)], ...], Field(min_length=1, max_length=len(S3Level))
]
Prefix = Annotated[
    str,
    Shape(
        "a prefix of keys",
        "Latin text that ends with `/`, such as `monthly/`, without `*`, `?` and `$`, no `/` first",
        pattern=rf"^[{LITERAL_BUT_SLASH}][{LITERAL}]*/$",
        longest=900,
    ),
]


class S3Grant(Strict):
    """Access to a declared bucket, or to one prefix of it."""

    s3: S3Levels
    """The access levels on the bucket and its objects; `write` is `put` and `delete`."""
    bucket: DeclaredName
    """The bucket, by its declared name."""
    prefix: Prefix | None = None
    """The part of the bucket it is about; without it, all of it."""
    prefix_by: PrefixBy | None = None
    """One folder for each holder, below the prefix if there is one: the folder that a tag of the holder's names."""
    access_point: AccessPointName | None = None
    """The access point of the bucket through which alone it holds."""
    versions: bool = False
    """Whether it reaches the versions that were overwritten or deleted too; deletion is then for good."""
    until: Day | None = None
    """The last day, in UTC, on which the grant holds."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which level is given twice, and where a deletion for good is not said to be one."""
        for index, level in enumerate(self.s3):
            if level in self.s3[:index]:
                yield Mistake("`s3` of {owner} names a level twice", f"`{level}`", "each once", ("s3", index))
            elif S3Level.WRITE in self.s3 and level in HALVES:
                yield Mistake(
                    f"`write` of {{owner}} has `{level}` in it",
                    f"`write`, `{level}`",
                    "`write`, or `put` and `delete`",
                    ("s3", index),
                )
            elif self.versions and level is S3Level.WRITE:
                yield Mistake(
                    "`write` of {owner} does not say whether versions are deleted for good",
                    "`write` with `versions: true`",
                    "`put`, and `delete` where that is meant",
                    ("s3", index),
                )
