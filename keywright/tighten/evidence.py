"""What a trail is evidence for: that an action was not used, for actions that CloudTrail logs, over a whole period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import partition_of
from keywright.policy.reference.catalogue import action as known_action
from keywright.reporting.text import counted, quoted
from keywright.tighten.actions import is_global, is_logged
from keywright.tighten.observed import Period, period_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.tighten.trail import Trail

_GLOBAL_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where events of services without Regions are logged, by partition."""
_READING = frozenset({"read", "list"})


@dataclass(frozen=True)
class Evidence:
    """The trail of one account, as evidence over a number of days."""

    trail: Trail
    account: str
    region: str
    days: int

    @cached_property
    def period(self) -> Period:
        """The period in the account's main Region."""
        return period_of(self.trail, self.account, self.region)

    def missing(self) -> Iterator[str]:
        """Say why the trail supports no proposal at all."""
        if self.account not in set(self.trail.accounts()):
            yield f"the trail has no event of account {self.account}"
            return
        if self.period.observed < self.days:
            found = f"events on {counted(self.period.observed, 'day')}"
            yield f"the trail is too short for `--days {self.days}`; found {found} in {self.region}"
        if self.trail.unread:
            files = counted(len({each.file for each in self.trail.unread}), "file")
            yield f"what {files} of the trail show can't be read, so nothing counts as unused"

    def shows(self, action: str) -> bool:
        """Tell whether the trail would have an event if an action (`service:Name`) had been used."""
        service = action.partition(":")[0].lower()
        known = known_action(action)
        if known is None or not is_logged(action):
            return False
        if is_global(service) and self._global_days < self.days:
            return False
        return self._has_reads if known.levels <= _READING else self._has_writes

    def covers_region(self, region: str) -> bool:
        """Tell whether the trail has events of a Region over the period; a pattern counts as the main Region."""
        if not region or set("*?") & set(region):
            return True
        return period_of(self.trail, self.account, region).observed >= self.days

    @cached_property
    def _global_days(self) -> int:
        region = _GLOBAL_REGION.get(partition_of(self.region), "")
        return period_of(self.trail, self.account, region).observed

    # A trail can be told to log only reads or only writes.
    @cached_property
    def _has_reads(self) -> bool:
        return any(
            each.reads for (account, _), each in self.trail.coverage.items() if account == self.account
        )

    @cached_property
    def _has_writes(self) -> bool:
        return any(
            each.events > each.reads
            for (account, _), each in self.trail.coverage.items()
            if account == self.account
        )

    def regions(self) -> Iterator[str]:
        """List the Regions that the trail has events of."""
        yield from sorted(self.trail.days_of(self.account))

    def about(self) -> str:
        """Say what the evidence is."""
        period = self.period
        return (
            f"account {quoted(self.account)}, {period.first} to {period.last}, in {', '.join(self.regions())}"
        )
