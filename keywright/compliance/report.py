"""Compliance reports: the status of each control, the evidence for it, and what is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from keywright.compliance.framework import Control, Framework
    from keywright.reporting.finding import Finding, Location


class Status(StrEnum):
    """The status of a control."""

    ENFORCED = "enforced"
    """The templates enforce it."""
    DECLARED = "declared"
    """The declarations say so; no templates were checked."""
    PARTLY = "partly"
    """Enforced, except for what is accepted or cannot be shown by a template."""
    BY_HAND = "by hand"
    """No template enforces it: it has to be verified in the account."""
    UNDECIDED = "undecided"
    """The templates do not decide it."""
    NOT_MET = "not met"
    """Something in the declarations or templates violates it."""


@dataclass(frozen=True)
class Enforcer:
    """What enforces a control: a declaration or a resource with its location, or a rule."""

    what: str
    location: Location | None = None


@dataclass(frozen=True)
class Assessment:
    """What was found about a control; assessments of several resources are added.

    `evidence` are facts that were read or proved, `limits` what keeps a control from being fully enforced, `undecided`
    what the templates do not decide.
    """

    enforced_by: tuple[Enforcer, ...] = ()
    evidence: tuple[str, ...] = ()
    gaps: tuple[Finding, ...] = ()
    limits: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()

    def __add__(self, other: Assessment) -> Assessment:
        return Assessment(
            self.enforced_by + other.enforced_by,
            self.evidence + other.evidence,
            self.gaps + other.gaps,
            self.limits + other.limits,
            self.undecided + other.undecided,
        )

    def status(self, *, in_templates: bool) -> Status:
        """Return the status."""
        # The worst result decides: a gap is certain, an open question may be one, and without evidence
        # nothing is claimed.
        if self.gaps:
            return Status.NOT_MET
        if self.undecided:
            return Status.UNDECIDED
        if not self.evidence:
            return Status.BY_HAND
        if self.limits:
            return Status.PARTLY
        return Status.ENFORCED if in_templates else Status.DECLARED


@dataclass(frozen=True)
class ControlResult:
    """A control and its assessment."""

    control: Control
    status: Status
    assessment: Assessment


ORDER = (
    Status.NOT_MET,
    Status.UNDECIDED,
    Status.PARTLY,
    Status.BY_HAND,
    Status.DECLARED,
    Status.ENFORCED,
)
"""The order in a report: what needs action first."""
SCOPE = (
    "The report covers these declarations and templates. Other identities of the account are in no template:"
    " check them with the commands of each control, and with `keywright verify`."
)


@dataclass(frozen=True)
class Report:
    """The results of a framework's controls for an account; `of` names the input."""

    framework: Framework
    of: tuple[str, ...]
    today: date
    controls: tuple[ControlResult, ...]

    def with_status(self, status: Status) -> tuple[ControlResult, ...]:
        """Return the controls with a status."""
        return tuple(each for each in self.controls if each.status is status)

    @property
    def summary(self) -> str:
        """Return the number of controls with each status."""
        count = Counter(each.status for each in self.controls)
        return ", ".join(f"{count[status]} {status}" for status in ORDER if count[status])
