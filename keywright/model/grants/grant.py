"""`grants:` and `policies:` - what a group, role, workload or application may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag

from keywright.model.fields.strict import Mistake, Strict, kind_tag, tag_of
from keywright.model.fields.text import Reason, Shape
from keywright.model.grants.access_levels import AccessLevel
from keywright.model.grants.s3 import S3Grant, S3Level
from keywright.model.grants.service import ServiceAccess, ServiceGrant
from keywright.model.grants.sessions import AssumeGrant, SessionGrant
from keywright.model.grants.statement import StatementGrant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


OWN = "policy/"
"""Begins how a policy that is declared here is named."""
ManagedPolicy = Annotated[
    str,
    Shape(
        "a managed policy",
        "its AWS name such as `SecurityAudit`, `policy/` and the name of one of ours, or its ARN",
        pattern=r"^(arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/)?([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+$",
        longest=512,
    ),
]


class ManagedPolicyGrant(Strict):
    """A managed policy: one of AWS's, wide by nature, or one of ours that several share; so it needs a reason."""

    managed: ManagedPolicy
    """The AWS name such as `SecurityAudit`, `policy/` and the name of one that is declared here, or the ARN."""
    because: Reason
    """Why nothing narrower will do; a sentence for the reviewer."""

    @property
    def own(self) -> str | None:
        """The declared name, where the policy is one of those under `policies`."""
        return self.managed.removeprefix(OWN) if self.managed.startswith(OWN) else None


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


PolicyArn = Annotated[
    str,
    Shape(
        "a managed policy's ARN",
        "`arn:aws:iam::<account>:policy/<path and name>`",
        pattern=r"^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]{1,128}$",
        longest=700,
    ),
]


class OwnPolicy(Strict):
    """A managed policy with grants, which groups, users, roles and workloads attach as `policy/` and its name."""

    grants: Grants = ()
    """What it gives to everybody that it is attached to."""
    existing: PolicyArn | None = None
    """The ARN of a policy that is referenced, and never created, changed or deleted."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it is both ours and not ours, or nothing."""
        if self.existing is not None and self.grants:
            yield Mistake(
                "{owner} exists already and is never changed",
                "`grants`",
                "`existing` without `grants`",
                "grants",
            )
        if self.existing is None and not self.grants:
            yield Mistake("{owner} gives nothing", "no `grants`", "`grants`, or `existing` with an ARN")
