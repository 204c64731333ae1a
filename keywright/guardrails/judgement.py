"""The result of checking an assembly: its findings, and the names by which exceptions refer to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.guardrails.acceptance import FOREIGN, Names
from keywright.reporting.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.templates.template import Assembly


Thing = tuple[str, str, str]
"""A template's file without its folder, a logical id in it, and the construct path, as far as there is one."""


@dataclass(frozen=True)
class Judgement:
    """What the rules say of an assembly. `findings` are in reading order, undecided ones among them.

    `unusable` says what of the input could not be read at all; `checked` counts what each rule looked at, `accepted`
    the findings that exceptions took away, `known` those that a baseline did; `names` says how exceptions name their
    places, `files` which templates there are, `strange` which names of invariants mean nothing there,
    `things` what of a template an exception may name.
    """

    findings: tuple[Finding, ...]
    unusable: tuple[Finding, ...] = ()
    checked: Mapping[str, int] = field(default_factory=dict)
    templates: int = 0
    resources: int = 0
    accepted: int = 0
    known: int = 0
    names: Names = FOREIGN
    files: tuple[str, ...] = ()
    strange: tuple[Finding, ...] = ()
    things: frozenset[Thing] = frozenset()

    @property
    def undecided(self) -> int:
        """Count what cannot be told."""
        return sum(each.outcome is Outcome.UNDECIDED for each in self.findings)

    def faults(self, severity: Severity) -> int:
        """Count the faults of one severity."""
        return sum(each.outcome is Outcome.FAULT and each.severity is severity for each in self.findings)


@dataclass(frozen=True)
class Judged:
    """An assembly, and what the rules say of it."""

    assembly: Assembly
    judgement: Judgement
