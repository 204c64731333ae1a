"""Where a rule looks, so that it says only what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.sources.source import Step
    from keywright.assembly.templates.template import Resource
    from keywright.reporting.finding import Location


@dataclass(frozen=True)
class Place:
    """A resource, and a path below it."""

    resource: Resource
    path: tuple[Step, ...] = ()

    @property
    def location(self) -> Location:
        """Say where in the template's file it stands."""
        return self.resource.locate(*self.path)

    def below(self, *path: Step) -> Place:
        """Go further down."""
        return Place(self.resource, (*self.path, *path))

    def fault(
        self,
        rule: str,
        message: str,
        *,
        found: str = "",
        accepted: str = "",
        see: tuple[Location, ...] = (),
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """Make a finding here; it weighs what its rule does, or less where `severity` says so."""
        return Finding(
            self.location,
            message,
            found=found,
            accepted=accepted,
            rule=rule,
            severity=severity,
            resource=self.resource.logical_id,
            path=self.resource.construct_path,
            see=see,
        )

    def undecided(self, rule: str, message: str, *, found: str = "", accepted: str = "") -> Finding:
        """Say that the template does not decide it; `message` is what cannot be told."""
        return Finding(
            self.location,
            f"cannot tell {message}",
            found=found,
            accepted=accepted,
            rule=rule,
            outcome=Outcome.UNDECIDED,
            resource=self.resource.logical_id,
            path=self.resource.construct_path,
        )

    def answer(
        self,
        truth: Truth,
        rule: str,
        message: str,
        *,
        when_undecided: str = "",
        found: str = "",
        accepted: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Iterator[Finding]:
        """Give a fault for yes, nothing for no, and for maybe that it cannot be told whether `unsure`, or `message`."""
        if truth is Truth.YES:
            yield self.fault(rule, message, found=found, accepted=accepted, severity=severity)
        elif truth is Truth.MAYBE:
            yield self.undecided(rule, f"whether {when_undecided or message}", found=found, accepted=accepted)


MOST_LISTED = 6


def listed(values: Iterable[object], most: int = MOST_LISTED) -> str:
    """List values once each; of many the first few, how many more there are, and a checksum of those.

    An exception that accepts the finding goes by this text, so that it ends where any of the values changes.
    """
    shown = list(dict.fromkeys(f"`{each}`" for each in values))
    first, rest = shown[:most], shown[most:]
    more = f" and {len(rest)} more (#{crc32(', '.join(rest).encode()):08x})" if rest else ""
    return ", ".join(first) + more
