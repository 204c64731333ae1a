"""What a trail shows: who used which action how often, first and last, and how much of the time it covers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from keywright.tighten.actions import actions_of_event, has_actions, service_of_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_RESOURCES = 5
"""How many resources of one action are kept for the report."""

Row = tuple[
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    int,
    int,
    int,
    str | None,
    str | None,
]
"""A row of the query's answer: `COLUMNS`, then `NUMBERS`."""


@dataclass
class Use:
    """How often a principal used an action, and how often that was denied."""

    used: int = 0
    refused: int = 0
    first: str = ""
    last: str = ""
    resources: list[str] = field(default_factory=list)
    more_resources: int = 0

    def add(self, used: int, refused: int, first: str, last: str, resource: str) -> None:
        """Add what one row of the answer has."""
        self.used += used
        self.refused += refused
        if used:
            self.first = min(filter(None, (self.first, first)), default="")
            self.last = max(self.last, last)
        if resource and used and resource not in self.resources:
            if len(self.resources) < MOST_RESOURCES:
                self.resources.append(resource)
            else:
                self.more_resources += 1


@dataclass
class Coverage:
    """The days with events of one account in one region, and how many of its events are reads."""

    days: set[date] = field(default_factory=set)
    events: int = 0
    reads: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or records of it, that could not be read."""

    file: str
    reason: str
    records: int = 0
    """How many records of the file; 0 if it is the whole file."""


@dataclass
class Trail:
    """The answer of the query, by principal and action."""

    uses: dict[tuple[str, str], Use] = field(default_factory=lambda: defaultdict(Use))
    """By principal's ARN, or "" for events without one, and action."""
    unknown: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """Events that name no known action, by principal's ARN and `service:Event`."""
    coverage: dict[tuple[str, str], Coverage] = field(default_factory=lambda: defaultdict(Coverage))
    """By account and region."""
    unread: list[Unread] = field(default_factory=list)
    files: int = 0
    events: int = 0

    def add(self, row: Sequence[object]) -> None:
        """Add a row of the answer."""
        account, region, day, principal, source, event, resource, file = row[:8]
        used, refused, reads = (int(str(each)) for each in row[8:11])
        first, last = (str(each or "") for each in row[11:13])
        if file is not None:
            self.unread.append(
                Unread(str(file), "no `eventTime`, `eventSource` or `eventName`", used + refused)
            )
        elif day is not None:
            self._cover(str(account), str(region), str(day), used + refused, reads)
        elif source:
            assert principal is not None
            self._use(
                str(principal), str(source), str(event), (used, refused, first, last, str(resource or ""))
            )

    def _cover(self, account: str, region: str, day: str, events: int, reads: int) -> None:
        try:
            at = date.fromisoformat(day)
        except ValueError:
            return
        covered = self.coverage[account, region]
        covered.days.add(at)
        covered.events += events
        covered.reads += reads
        self.events += events

    def _use(self, principal: str, source: str, event: str, numbers: tuple[int, int, str, str, str]) -> None:
        if not has_actions(source):
            return
        found = actions_of_event(source, event)
        for action in found:
            self.uses[principal, action].add(*numbers)
        if not found:
            self.unknown[principal, f"{service_of_event(source)}:{event}"] += numbers[0]

    def days_of(self, account: str) -> dict[str, set[date]]:
        """Give the days with events of an account, by region."""
        return {region: each.days for (owner, region), each in self.coverage.items() if owner == account}

    def accounts(self) -> Iterator[str]:
        """List the accounts."""
        yield from sorted({account for account, _ in self.coverage})
