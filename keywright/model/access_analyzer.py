"""`account: access_analyzer:` - who looks for access from outside, and for access that nobody uses."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.name import AccountId
from keywright.model.region import Region
from keywright.model.strict import Mistake, Strict

MOST_REGIONS = 50
"""More than AWS has in a partition."""
MOST_ACCOUNTS = 20
"""Values of one criterion of an archive rule ("Quotas for IAM Access Analyzer", IAM User Guide)."""


class AccessAnalyzer(Strict):
    """IAM Access Analyzer in the account's region: what others can reach, and at a price what nobody uses."""

    existing: bool = False
    """Whether the account's region has an analyzer for access from outside already: there is room for one."""
    trusted_accounts: Annotated[tuple[AccountId, ...], Field(max_length=MOST_ACCOUNTS)] = ()
    """Accounts whose access is meant: findings about it are archived as they come."""
    regions: Annotated[tuple[Region, ...], Field(max_length=MOST_REGIONS)] = ()
    """Further regions to look in for access from outside: an analyzer sees what lies in its own, and all roles."""
    unused_days: Annotated[int, Field(ge=1, le=365)] | None = None
    """After how many days access that nobody uses is a finding; AWS charges for each user and role. None: not at all."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what an existing analyzer can't be told, and which account stands there twice."""
        if self.existing and self.trusted_accounts and not self.regions:
            yield Mistake(
                "the access analyzer of the account exists already and is never changed",
                "`trusted_accounts`",
                "no `trusted_accounts`, and an archive rule where the analyzer is kept",
                "trusted_accounts",
            )
        for index, account in enumerate(self.trusted_accounts):
            if account in self.trusted_accounts[:index]:
                message = "`trusted_accounts` of the access analyzer names an account twice"
                yield Mistake(message, f"`{account}`", "each once", ("trusted_accounts", index))
        for index, region in enumerate(self.regions):
            if region in self.regions[:index]:
                message = "`regions` of the access analyzer names a region twice"
                yield Mistake(message, f"`{region}`", "each once", ("regions", index))
