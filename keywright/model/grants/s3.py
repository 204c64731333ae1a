"""Access to a declared bucket: `s3: [read, put]`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from keywright.model.buckets import AccessPointName
from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict, repetitions
from keywright.model.fields.text import LITERAL, LITERAL_BUT_SLASH, DeclaredName, Reason, Shape
from keywright.model.grants.tags import PrefixBy


class S3Level(StrEnum):
    """AWS's access levels; `write` can also be given as `put` and `delete`."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    PUT = "put"
    DELETE = "delete"
    TAGGING = "tagging"
    PERMISSIONS_MANAGEMENT = "permissions management"


HALVES = frozenset({S3Level.PUT, S3Level.DELETE})
"""The two parts of AWS's `write`."""
S3Levels = Annotated[
    tuple[Annotated[S3Level, Field(strict=False)], ...], Field(min_length=1, max_length=len(S3Level))
]
Prefix = Annotated[
    str,
    Shape(
        "a key prefix",
        "Latin text that ends with `/`, such as `monthly/`, without `*`, `?` and `$`, no `/` first",
        pattern=rf"^[{LITERAL_BUT_SLASH}][{LITERAL}]*/$",
        longest=900,
    ),
]


class S3Grant(Strict):
    """Access to a declared bucket, or to one prefix of it."""

    s3: S3Levels
    """Access levels on the bucket and its objects; `write` is `put` and `delete`."""
    bucket: DeclaredName
    """The bucket, by its declared name."""
    prefix: Prefix | None = None
    """The prefix of keys that can be accessed; without it, the whole bucket."""
    prefix_by: PrefixBy | None = None
    """A folder of each holder's own, below `prefix` if given; a tag or the user name of the holder names it."""
    access_point: AccessPointName | None = None
    """The access point that access is limited to."""
    versions: bool = False
    """Whether it includes earlier versions of objects; deletion is then permanent."""
    until: Day | None = None
    """The last day of the grant, in UTC."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report levels listed twice, and `write` that would include permanent deletion."""
        yield from repetitions("s3", self.s3)
        for index, level in enumerate(self.s3):
            if S3Level.WRITE in self.s3 and level in HALVES:
                yield Mistake(
                    f"`write` of {{owner}} includes `{level}`",
                    f"`write`, `{level}`",
                    "`write`, or `put` and `delete`",
                    ("s3", index),
                )
            # Deleting a version is final, so a declaration must say `delete` for it.
            elif self.versions and level is S3Level.WRITE:
                yield Mistake(
                    "`write` of {owner} with `versions: true` would include permanent deletion",
                    "`write`",
                    "`put`, and `delete` if intended",
                    ("s3", index),
                )
