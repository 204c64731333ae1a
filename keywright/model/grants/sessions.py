"""Grants of sessions: of a role in another account (`assume`), and shells on instances (`session_on`)."""

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
    """Permission to assume a role of another account, whose trust policy must allow it too."""

    assume: RoleElsewhere
    """The role: its name under this account's path together with `account`, or its ARN."""
    account: AccountId | None = None
    """The account that has the role."""
    mfa: MfaAge | None = None
    """The required MFA; for people."""
    external_id: ExternalId | None = None
    """The external ID that the role requires; for software."""
    until: Day | None = None
    """The last day of the grant, in UTC."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report a missing or repeated account, and a grant for both people and software."""
        if (self.account is None) != self.is_arn:
            found = "an ARN and `account`" if self.is_arn else f"`{self.assume}` without `account`"
            accepted = "the role's name and `account`, or its ARN only"
            if not self.is_arn:
                accepted += "; a role of this account, such as {nearest}, names under `trusts` who assumes it"
            message = "a grant of {owner} must give the role's account exactly once"
            yield Mistake(message, found, accepted, "assume", kinds=("role",))
        if self.mfa is not None and self.external_id is not None:
            yield Mistake(
                "a grant of {owner} has both `mfa` and `external_id`",
                "both",
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
        """Give the role's ARN; a role given by name is assumed to be under this account's path."""
        return self.assume if self.is_arn else f"arn:{partition}:iam::{self.account}:role{path}{self.assume}"


class SessionGrant(Strict):
    """A Session Manager shell on a workload's instances, with all access of the workload's role."""

    session_on: DeclaredName
    """The workload, which must have `sessions: true`."""
    # A person with a shell can read the role's credentials from the instance metadata service, hence the
    # reason.
    because: Reason
    """Why people need a shell with the workload's access; a sentence for the reviewer."""
    until: Day | None = None
    """The last day of the grant, in UTC."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""
