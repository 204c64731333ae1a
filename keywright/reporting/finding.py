"""Findings: what is wrong, where, and what would be accepted. Every check reports them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How severe a finding is: an error refuses, a warning refuses only with `--strict`."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Outcome(StrEnum):
    """The result of a check that does not pass: a fault, or undecided."""

    FAULT = "fault"
    UNDECIDED = "undecided"


@dataclass(frozen=True, order=True, slots=True)
class Location:
    """A place in a file; line and column count from 1; they are 0 where a file has no lines."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces the characters of a file from `start` to before `end`."""

    start: Location
    end: Location
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A rewrite that resolves a finding; `message` describes it in the present tense.

    `widens` is true if the fix adds access, or if it cannot be proved that it does not.
    """

    message: str
    edits: tuple[Edit, ...]
    widens: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake or a risk, its place, and what would be accepted.

    `message`, `found` and `accepted` are lower case, without a full stop, user text in backticks. `accepted`
    names at most the nearest few. `resource` is a logical id and `path` a construct path where the finding
    is about a template. `found` identifies the finding beside `rule` and place: an exception names it. `instead` are
    the lines of a declaration to write in place of what is found.
    """

    location: Location
    message: str
    found: str = ""
    accepted: str = ""
    rule: str = ""
    severity: Severity = Severity.ERROR
    outcome: Outcome = Outcome.FAULT
    resource: str = ""
    path: str = ""
    see: tuple[Location, ...] = field(default=())
    fix: Fix | None = None
    instead: str = ""

    def __str__(self) -> str:
        head = f"{self.rule} {self.message}" if self.rule else self.message
        parts = [f"{self.location}: {head}"]
        if self.found:
            parts.append(f"found {self.found}")
        if self.accepted:
            parts.append(f"accepted: {self.accepted}")
        return "; ".join(parts)


def with_severity(finding: Finding) -> str:
    """Write a finding on one line, with its severity unless it is an error."""
    place, _, words = str(finding).partition(": ")
    kind = "" if finding.severity is Severity.ERROR else f"{finding.severity}: "
    return f"{place}: {kind}{words}"


def in_reading_order(findings: list[Finding]) -> list[Finding]:
    """Sort findings by file, line, column, then rule and message."""
    return sorted(findings, key=lambda each: (each.location, each.rule, each.message, each.found))
