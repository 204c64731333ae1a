"""`grants:` and `policies:` - what a group, role, workload or application may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag

from keywright.model.access_level import AccessLevel
from keywright.model.assume_grant import AssumeGrant
from keywright.model.kind import kind_tag, tag_of
from keywright.model.managed_policy import ManagedPolicyGrant
from keywright.model.raw_statement import StatementGrant
from keywright.model.s3_grant import S3Grant, S3Level
from keywright.model.service_access import ServiceAccess, ServiceGrant
from keywright.model.session_grant import SessionGrant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.model.strict import Strict

__all__ = [
    "AccessLevel",
    "AssumeGrant",
    "Grant",
    "Grants",
    "ManagedPolicies",
    "ManagedPolicyGrant",
    "S3Grant",
    "S3Level",
    "ServiceAccess",
    "ServiceGrant",
    "SessionGrant",
    "StatementGrant",
]

_KINDS: Mapping[str, type[Strict]] = {
    "s3": S3Grant,
    "allow": ServiceGrant,
    "statement": StatementGrant,
    "assume": AssumeGrant,
    "session_on": SessionGrant,
}


def _kind(value: Any) -> str | None:
    return tag_of(value, _KINDS)


Grant = Annotated[
    Annotated[S3Grant, Tag(kind_tag("s3"))]
    | Annotated[ServiceGrant, Tag(kind_tag("allow"))]
    | Annotated[StatementGrant, Tag(kind_tag("statement"))]
    | Annotated[AssumeGrant, Tag(kind_tag("assume"))]
    | Annotated[SessionGrant, Tag(kind_tag("session_on"))],
    Discriminator(_kind),
]
"""Exactly one of `s3`, `allow`, `statement`, `assume` and `session_on`."""

Grants = Annotated[tuple[Grant, ...], Field(max_length=200)]
"""More than any policy has room for; a list of hundreds of thousands is no declaration."""
ManagedPolicies = Annotated[tuple[ManagedPolicyGrant, ...], Field(max_length=50)]
"""More than AWS attaches to any identity, so that its quota and not this bound is what people meet."""
