"""Places of a template, findings at them, and the list of values in the text of a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Outcome, Severity
from keywright.reporting.text import joined

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
        """Return the location in the template file."""
        return self.resource.locate(*self.path)

    @property
    def is_generated(self) -> bool:
        """Return whether the transform of AWS SAM wrote this, and nobody can change it."""
        return self.resource.template.source.is_generated("Resources", self.resource.logical_id, *self.path)

    def below(self, *path: Step) -> Place:
        """Return a place further down."""
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
        """Make a finding here, with the severity of its rule, or a lower `severity`."""
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
        """Make an undecided finding; `message` is what the template does not decide."""
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
        """Yield a fault for yes, nothing for no, and for maybe an undecided finding, with `when_undecided` or `message`."""
        if truth is Truth.YES:
            yield self.fault(rule, message, found=found, accepted=accepted, severity=severity)
        elif truth is Truth.MAYBE:
            yield self.undecided(rule, f"whether {when_undecided or message}", found=found, accepted=accepted)


MOST_LISTED = 6


def listed(values: Iterable[object], most: int = MOST_LISTED) -> str:
    """List values once each: the first few, the number of the others, and a checksum of those.

    Exceptions and baselines identify a finding by this text, so that they no longer match when any value changes.
    """
    return joined(dict.fromkeys(f"`{each}`" for each in values), most=most, checksum=True)
