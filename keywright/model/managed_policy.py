"""Managed policies that are attached: `policies: [{managed: SecurityAudit, because: …}]`."""

from typing import Annotated

from keywright.model.name import Reason
from keywright.model.shape import Shape
from keywright.model.strict import Strict

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
