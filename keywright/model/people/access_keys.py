"""`access_keys:` - the long-term keys of an application, how old they may become, and who reads them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import Reason, Region, Shape

OVERLAP = timedelta(days=7)
"""How long an older key may stay active besides a newer one."""
OLDEST = 90
"""The age in days at which an active key must be replaced (CIS AWS Foundations 5.0.0, 1.13)."""

Reader = Annotated[
    str,
    Shape(
        "a reader of keys",
        "`group/` or `role/` and its name, or the ARN of a user or role of this account",
        pattern=r"^((group|role)/[A-Za-z0-9+=,.@_-]{1,64}|arn:aws[a-z-]*:iam::[0-9]{12}:(user|role)/[A-Za-z0-9+=,.@_/-]{1,577})$",
        kinds=("group", "role"),
    ),
]


class AccessKey(Strict):
    """One long-term access key; its serial never changes, and rotation adds a key with the next serial."""

    serial: Annotated[int, Field(ge=1, le=9999)]
    """The number of the key; a newer key has a higher one."""
    issued: Day
    """The day of its first deployment, from which its age counts."""
    status: Literal["active", "inactive"] = "active"
    """Whether it can be used; an inactive key can be activated again."""
    since: Day | None = None
    """The day from which it is inactive; `keywright retire` counts from it."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report a day without the status that it belongs to."""
        if self.since is not None and self.status == "active":
            yield Mistake(
                "`since` of an active key of {owner} has no meaning",
                f"`{self.since}`",
                "`status: inactive` with it, or no `since`",
                "since",
            )


class KeyRules(Strict):
    """Rules for the access keys of all applications."""

    maximum_age: Annotated[int, Field(ge=1, le=OLDEST)] = OLDEST
    """After how many days a key must be replaced."""
    replica: Region | None = None
    """Another region that each key's secret is replicated to, with a KMS key there."""


class LongerAge(Strict):
    """A higher maximum age of one application's keys, with its reason."""

    days: Annotated[int, Field(ge=1, le=365)]
    """After how many days a key must be replaced."""
    because: Reason
    """Why it can't be replaced more often; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report an age that needs no exception."""
        if self.days <= OLDEST:
            accepted = f"more than {OLDEST} days, or `maximum_age` under `access_keys` of the account"
            yield Mistake(
                "`maximum_age` of {owner} is not above the limit for all applications",
                f"`{self.days}`",
                accepted,
                "days",
            )
