"""`grants: [{assume: ROLE, account: …}]` - the caller's side of a role in another account."""

from collections.abc import Iterator
from typing import Annotated

from keywright.model.fields.dates import Day, MfaAge
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import AccountId, DeclaredName, ExternalId, Reason, Shape

_NAME = "[A-Za-z0-9+=,.@_-]{1,64}"
RoleElsewhere = Annotated[
    str,
    Shape(
        "a role of another account",
        "its name, or its ARN such as `arn:aws:iam::222222222222:role/access/deployer`",
        pattern=rf"^({_NAME}|arn:aws[a-z-]*:iam::[0-9]{{12}}:role/([\x21-\x29\x2b-\x3e\x40-\x7e]{{1,500}}/)?{_NAME})$",
    ),
]


class AssumeGrant(Strict):
    """The right to assume one role of another account, which must trust this one too."""

    assume: RoleElsewhere
    """The role: its name under this account's path, beside `account`; or its whole ARN."""
    account: AccountId | None = None
    """The account that has the role."""
    mfa: MfaAge | None = None
    """How fresh the second factor must be; people need one, software has none."""
    external_id: ExternalId | None = None
    """What software sends along, where the role asks for it."""
    until: Day | None = None
    """The last day, in UTC, on which the grant holds."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether the account is missing or said twice, and whether it is both people and software."""
        if (self.account is None) != self.is_arn:
            found = "an ARN and `account`" if self.is_arn else f"`{self.assume}` without `account`"
            accepted = "the role's name and `account`, or its ARN alone"
            yield Mistake("a grant of {owner} doesn't say once whose role it is", found, accepted, "assume")
        if self.mfa is not None and self.external_id is not None:
            yield Mistake(
                "a grant of {owner} is for people and for software",
                "`mfa` and `external_id`",
                "`mfa` for people, `external_id` for software",
                "external_id",
            )

    @property
    def is_arn(self) -> bool:
        """Whether the role is named by its ARN."""
        return self.assume.startswith("arn:")

    @property
    def owner(self) -> str:
        """The number of the account that has the role."""
        return self.assume.split(":")[4] if self.is_arn else self.account or ""

    def arn(self, partition: str, path: str) -> str:
        """Give the role's ARN; a name lies under the path of the account that declares the grant."""
        return self.assume if self.is_arn else f"arn:{partition}:iam::{self.account}:role{path}{self.assume}"


class SessionGrant(Strict):
    """A shell on a workload's instances; whoever has one may do there what the workload's role may."""

    session_on: DeclaredName
    """The workload, which must take `sessions`."""
    because: Reason
    """Why people go there, and act as its role."""
    until: Day | None = None
    """The last day, in UTC, on which the grant holds."""
