"""`grants:` and `policies:` - the kinds of grants, attached managed policies, and declared managed policies."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from keywright.model.adoption import AdoptedPolicy
from keywright.model.fields.strict import Mistake, Strict, kind_tag, tag_of
from keywright.model.fields.text import Reason, Shape
from keywright.model.grants.access_levels import AccessLevel
from keywright.model.grants.s3 import S3Grant, S3Level
from keywright.model.grants.service import ServiceAccess, ServiceGrant
from keywright.model.grants.sessions import AssumeGrant, SessionGrant
from keywright.model.grants.statement import StatementGrant

OWN = "policy/"
"""Starts the reference to a declared policy."""
ManagedPolicy = Annotated[
    str,
    Shape(
        "a managed policy",
        "its AWS name such as `SecurityAudit`, `policy/` and a declared name, or its ARN",
        pattern=r"^(arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/)?([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+$",
        longest=512,
        kinds=("policy",),
    ),
]


class ManagedPolicyGrant(Strict):
    """An attached managed policy, of AWS or declared here. It needs a reason, since AWS's are wide and others are shared."""

    managed: ManagedPolicy
    """The AWS name such as `SecurityAudit`, `policy/` and a declared name, or the ARN."""
    because: Reason
    """Why grants are not enough; a sentence for the reviewer."""

    @property
    def own(self) -> str | None:
        """The declared name, if the policy is declared under `policies`."""
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
"""More than fit into any policy."""
ManagedPolicies = Annotated[tuple[ManagedPolicyGrant, ...], Field(max_length=50)]
"""More than AWS's quota, so that the message about the quota is what people see."""


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
    """A managed policy; groups, users, roles and workloads attach it as `policy/` and its name."""

    grants: Grants = ()
    """What it allows."""
    existing: PolicyArn | None = None
    """The ARN of an existing policy that is only referenced, and never created, changed or deleted."""
    adopted: AdoptedPolicy | None = None
    """What it keeps, if it existed before it was declared."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report a policy that is both existing and new, or neither."""
        if self.existing is not None and self.grants:
            yield Mistake(
                "{owner} exists already and is never changed",
                "`grants`",
                "`existing` without `grants`",
                "grants",
            )
        if self.existing is not None and self.adopted is not None:
            yield Mistake(
                "{owner} exists already and is never changed",
                "`adopted`",
                "`existing`, or `adopted` with `grants`",
                "adopted",
            )
        if self.existing is None and not self.grants:
            yield Mistake("{owner} grants nothing", "no `grants`", "`grants`, or `existing` with an ARN")
