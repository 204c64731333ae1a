"""What a judge says of a control: who enforces it, by which evidence, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keywright.compliance.framework import Control
    from keywright.reporting.finding import Finding, Location


class Status(StrEnum):
    """How a control stands."""

    ENFORCED = "enforced"
    """What the templates hold enforces it."""
    DECLARED = "declared"
    """The declarations say so; no templates were looked at."""
    PARTLY = "partly"
    """Enforced but for something that is accepted, or that no template can show."""
    BY_HAND = "by hand"
    """No template can enforce it, or none does: it is to be looked at in the account."""
    UNDECIDED = "undecided"
    """It cannot be told from the templates."""
    NOT_MET = "not met"
    """Something in the declarations or templates is against it."""


@dataclass(frozen=True)
class Enforcer:
    """What enforces a control: a declaration, a resource of a template, and where it stands, or a guardrail."""

    what: str
    location: Location | None = None


@dataclass(frozen=True)
class Answer:
    """The parts of an answer; those of several are added up.

    `evidence` are facts that were read or proved, `limits` what keeps it from being whole, `doubts` what cannot be told.
    """

    by: tuple[Enforcer, ...] = ()
    evidence: tuple[str, ...] = ()
    gaps: tuple[Finding, ...] = ()
    limits: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def __add__(self, other: Answer) -> Answer:
        return Answer(
            self.by + other.by,
            self.evidence + other.evidence,
            self.gaps + other.gaps,
            self.limits + other.limits,
            self.doubts + other.doubts,
        )

    def status(self, *, in_templates: bool) -> Status:
        """Say it in a word."""
        if self.gaps:
            return Status.NOT_MET
        if self.doubts:
            return Status.UNDECIDED
        if not self.evidence:
            return Status.BY_HAND
        if self.limits:
            return Status.PARTLY
        return Status.ENFORCED if in_templates else Status.DECLARED


@dataclass(frozen=True)
class Judged:
    """A control and how it stands."""

    control: Control
    status: Status
    answer: Answer
