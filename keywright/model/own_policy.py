"""`policies:` - managed policies of ours, for grants that several identities share."""

from collections.abc import Iterator
from typing import Annotated

from keywright.model.grant import Grants
from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict

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
