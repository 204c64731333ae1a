"""Managed policies that are attached: `policies: [{managed: SecurityAudit, because: …}]`."""

from __future__ import annotations

from typing import Annotated

from keywright.model.name import Reason
from keywright.model.shape import Shape
from keywright.model.strict import Strict

ManagedPolicy = Annotated[
    str,
    Shape(
        "a managed policy",
        "its AWS name such as `SecurityAudit` or `job-function/ViewOnlyAccess`, or its ARN",
        pattern=r"^(arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/)?([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+$",
        longest=512,
    ),
]


class ManagedPolicyGrant(Strict):
    """A managed policy by its AWS name or ARN; wide by nature, so it needs a reason."""

    managed: ManagedPolicy
    """The AWS name such as `SecurityAudit`, or the ARN."""
    because: Reason
    """Why nothing narrower will do; a sentence for the reviewer."""
