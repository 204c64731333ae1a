"""`grants:` and `policies:` - what a group, role, workload or application may do."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag

from keywright.model.day import Day
from keywright.model.kind import kind_tag, tag_of
from keywright.model.name import LITERAL, LITERAL_BUT_SLASH, DeclaredName, Reason
from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class AccessLevel(StrEnum):
    """AWS's own access levels ("Actions, resources, and condition keys", Service Authorization Reference)."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    TAGGING = "tagging"
    PERMISSIONS_MANAGEMENT = "permissions management"


Levels = Annotated[
    tuple[Annotated[AccessLevel, Field(strict=False)], ...], Field(min_length=1, max_length=len(AccessLevel))
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
ServicePrefix = Annotated[
    str, Shape("a service", "its prefix in actions, such as `athena`", pattern=r"^[a-z0-9-]{1,64}$")
]
ServiceResource = Annotated[
    str,
    Shape(
        "a resource of a service",
        "its type and name such as `workgroup/reports`, or an ARN",
        pattern=rf"^[*?{LITERAL}]+$",
        longest=1600,
    ),
]
ManagedPolicy = Annotated[
    str,
    Shape(
        "a managed policy",
        "its AWS name such as `SecurityAudit` or `job-function/ViewOnlyAccess`, or its ARN",
        pattern=r"^(arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/)?([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+$",
        longest=512,
    ),
]


class S3Grant(Strict):
    """Access to a declared bucket, or to one prefix of it."""

    s3: Levels
    """The access levels on the bucket and its objects."""
    bucket: DeclaredName
    """The bucket, by its declared name."""
    prefix: Prefix | None = None
    """The part of the bucket it is about; without it, all of it."""
    until: Day | None = None
    """The last day, in UTC, on which the grant holds."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which level is given twice."""
        yield from _twice(self.s3, "s3")


class ServiceAccess(Strict):
    """A service's actions by access level on named resources."""

    service: ServicePrefix
    """The service's prefix in actions, such as `athena`."""
    levels: Levels
    """AWS's own access levels; each gives the actions that AWS files under it."""
    resources: Annotated[tuple[ServiceResource, ...], Field(max_length=200)] = ()
    """Type and name such as `workgroup/reports`, or ARNs; without any, what can't be narrowed to a resource."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which level is given twice."""
        yield from _twice(self.levels, "levels")


class ServiceGrant(Strict):
    """Access to any service by its access levels."""

    allow: ServiceAccess
    """The service, the levels and the resources."""
    until: Day | None = None
    """The last day, in UTC, on which the grant holds."""


class ManagedPolicyGrant(Strict):
    """A managed policy by its AWS name or ARN; wide by nature, so it needs a reason."""

    managed: ManagedPolicy
    """The AWS name such as `SecurityAudit`, or the ARN."""
    because: Reason
    """Why nothing narrower will do; a sentence for the reviewer."""


def _twice(levels: tuple[AccessLevel, ...], key: str) -> Iterator[Mistake]:
    for index, level in enumerate(levels):
        if level in levels[:index]:
            yield Mistake(
                f"`{key}` of {{owner}} names a level twice", f"`{level}`", "each once", (key, index)
            )


_KINDS: Mapping[str, type[Strict]] = {"s3": S3Grant, "allow": ServiceGrant}


def _kind(value: Any) -> str | None:
    return tag_of(value, _KINDS)


Grant = Annotated[
    Annotated[S3Grant, Tag(kind_tag("s3"))] | Annotated[ServiceGrant, Tag(kind_tag("allow"))],
    Discriminator(_kind),
]
"""Exactly one of `s3` and `allow`."""

Grants = Annotated[tuple[Grant, ...], Field(max_length=200)]
"""More than any policy has room for; a list of hundreds of thousands is no declaration."""
ManagedPolicies = Annotated[tuple[ManagedPolicyGrant, ...], Field(max_length=50)]
"""More than AWS attaches to any identity, so that its quota and not this bound is what people meet."""
