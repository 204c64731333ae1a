"""Whether something was used in the period before a snapshot: used, unused, too new, or undecided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from keywright.retire.uses import Record, Use

LONGEST_SESSION = timedelta(hours=36)
"""How long a session of GetSessionToken lasts at most ("GetSessionToken", AWS STS API Reference): AWS does not say that its
requests count as uses of the key that began it."""
TRACKED_DAYS = 400
"""For how many days AWS reports the activity of roles ("RoleLastUsed", IAM API Reference)."""


@dataclass(frozen=True, slots=True)
class Used:
    """It was used in the period."""

    use: Use


@dataclass(frozen=True, slots=True)
class TooNew:
    """It was never used, and created in the period."""

    created: datetime


@dataclass(frozen=True, slots=True)
class Unused:
    """It was not used in the period; `evidence` says what AWS recorded."""

    record: Record

    @property
    def evidence(self) -> tuple[str, ...]:
        """What AWS recorded, the last use first."""
        uses = sorted(self.record.uses, key=lambda use: use.at, reverse=True)
        created = () if self.record.created is None else (f"created {day_of(self.record.created)}",)
        return (*(f"{use.by} last used {day_of(use.at)}" for use in uses), *self.record.never, *created)

    @property
    def in_short(self) -> str:
        """The evidence in a few words, for the `because` of the declaration."""
        latest = self.record.latest
        if latest is not None:
            return f"last used on {day_of(latest.at)}"
        # Whatever was created before the period has a date: see `judge`.
        created = self.record.created
        return f"never used since it was created on {day_of(created)}" if created else "never used"


@dataclass(frozen=True, slots=True)
class Undecided:
    """It can't be known; `reasons` say why."""

    reasons: tuple[str, ...]


Verdict = Used | TooNew | Unused | Undecided


def day_of(moment: datetime) -> str:
    """Write a day."""
    return moment.date().isoformat()


def judge(record: Record, since: datetime) -> Verdict:
    """Tell whether something was used since a moment.

    A recorded use counts until the end of the longest session that it may have begun.
    """
    latest = record.latest
    if latest is not None and latest.at + LONGEST_SESSION >= since:
        return Used(latest)
    if record.created is not None and record.created >= since:
        return TooNew(record.created)
    if record.unknown:
        return Undecided(record.unknown)
    if record.created is None and latest is None:
        return Undecided(("when it was created is not in the snapshot",))
    return Unused(record)
