"""The lines that accept a finding, to copy and complete: the reason is left empty, which is refused until it is written."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keywright.assembly.sources.manifest import EXCEPTIONS
from keywright.guardrails.results import exception_text
from keywright.model.accepted_findings import BREAK_GLASS_FINDINGS
from keywright.model.source.yaml_writing import scalar
from keywright.reporting.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from keywright.guardrails.results import ExceptionNames

HALF_A_YEAR = timedelta(days=182)


def suggestion(finding: Finding, names: ExceptionNames, today: date) -> list[str]:
    """Return a heading and the YAML of the exception that accepts a finding; nothing for advice.

    On a break-glass role that is declared by its name alone, this is the form of `break_glass` that accepts it.
    """
    on = names.on(finding)
    is_advice = finding.severity is Severity.ADVICE and finding.outcome is Outcome.FAULT
    if not on or not finding.rule or is_advice:
        return []
    until = f"until: {today + HALF_A_YEAR}"
    if on == names.break_glass and _is_accepted_by_break_glass(finding):
        heading = "to accept this and what follows from administrator access, complete this under `account:`:"
        because = "because: # why the role has administrator access and no boundary"
        return [
            heading,
            *(f"  {line}" for line in ("break_glass:", f"  role: {on}", f"  {because}", f"  {until}")),
        ]
    where = "the declarations" if names.declared is not None else EXCEPTIONS
    heading = f"to accept this finding, complete this under `exceptions:` in {where}:"
    return [heading, *(f"  {line}" for line in _exception(finding, on, until, owned=names.declared is None))]


def _exception(finding: Finding, on: str, until: str, *, owned: bool) -> Iterator[str]:
    found = exception_text(finding)
    yield f"- rule: {scalar(finding.rule)}"
    yield f"  on: {scalar(on)}"
    if found:
        yield f"  finding: {scalar(found)}"
    yield "  because: # why this is intended"
    if owned:
        yield "  owner: # who answers for it"
    yield f"  {until}"


def _is_accepted_by_break_glass(finding: Finding) -> bool:
    found = exception_text(finding)
    return any(finding.rule == rule and found.endswith(text) for rule, text in BREAK_GLASS_FINDINGS.items())
