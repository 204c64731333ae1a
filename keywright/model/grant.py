"""`grants:` and `policies:` — what a group, role, workload or application may do."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Discriminator, Field, StringConstraints, Tag

from keywright.model.strict import Day, DeclaredName, Reason, Strict


class AccessLevel(StrEnum):
    """AWS's own access levels ("Actions, resources, and condition keys", Service Authorization Reference)."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    TAGGING = "tagging"
    PERMISSIONS_MANAGEMENT = "permissions management"


Levels = Annotated[tuple[Annotated[AccessLevel, Field(strict=False)], ...], Field(min_length=1)]


class S3Grant(Strict):
    """Access to a declared bucket, or to one prefix of it."""

    s3: Levels
    bucket: DeclaredName
    prefix: (
        Annotated[str, StringConstraints(pattern=r"^[^*?$/\x00-\x1f][^*?$\x00-\x1f]*/$", max_length=900)]
        | None
    ) = None
    until: Day | None = None


class ServiceAccess(Strict):
    """A service's actions by access level on named resources."""

    service: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    levels: Levels
    resources: tuple[str, ...] = ()


class ServiceGrant(Strict):
    """Access to any service by its access levels."""

    allow: ServiceAccess
    until: Day | None = None


class ManagedPolicyGrant(Strict):
    """A managed policy by its AWS name or ARN; wide by nature, so it needs a reason."""

    managed: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    because: Reason


def _kind(value: object) -> str | None:
    keys = set(value) if isinstance(value, dict) else {type(value).__name__}
    if "s3" in keys or "S3Grant" in keys:
        return "s3"
    if "allow" in keys or "ServiceGrant" in keys:
        return "allow"
    return None


Grant = Annotated[Annotated[S3Grant, Tag("s3")] | Annotated[ServiceGrant, Tag("allow")], Discriminator(_kind)]
