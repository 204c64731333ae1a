"""The findings on two assemblies, for a review; unchanged parts are checked only where a rule needs them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import Identities
from keywright.assembly.templates.template import Template
from keywright.assembly.workers import run_beside, workers_within
from keywright.guardrails.engine import BrokenRuleError, check_assembly, lower_severity
from keywright.guardrails.rule import all_rules
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.kinds import SUBJECTS
from keywright.reporting.finding import in_reading_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.changed_parts import ChangedParts
    from keywright.assembly.templates.template import Assembly
    from keywright.guardrails.rule import Rule
    from keywright.reporting.finding import Finding

_WIDE = (AssemblyView, Template, Identities)
"""Subjects that consist of many resources."""

_ONE_BY_ONE = frozenset({"INS003", "QTA001", "QTA002", "USR003", "USR007", "USR008"})
"""Rules on such subjects that look at each resource, and what is attached to it, on its own."""


def check_both(
    base: Assembly, head: Assembly, parts: ChangedParts
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings on each of two assemblies; findings that both have may be left out.

    Raises:
        BrokenRuleError: A rule raised.
        LostWorkerError: A worker was stopped.
    """
    # Each side is checked in a process of its own where that is possible.
    sides = (base, parts.base), (head, parts.head)
    workers = min(workers_within(base), workers_within(head))
    _SIDES.append(sides)
    try:
        return run_beside(_check_side, 0, 1, workers)
    finally:
        _SIDES.pop()


_SIDES: list[tuple[tuple[Assembly, Assembly], ...]] = []
"""Inherited by forked workers: sending it to them would cost more than the work."""


def _check_side(number: int) -> tuple[Finding, ...]:
    return _check_part(*_SIDES[-1][number])


def needs_whole_assembly(rule: Rule) -> bool:
    """Return whether a rule may have other findings on a part of an assembly than on the whole."""
    return rule.subject in _WIDE and rule.code not in _ONE_BY_ONE


def _check_part(view: Assembly, part: Assembly) -> tuple[Finding, ...]:
    rules = {code: rule for code, rule in all_rules().items() if not needs_whole_assembly(rule)}
    found = (*check_assembly(part, own=False, rules=rules).findings, *_check_whole(view))
    return tuple(in_reading_order(list(dict.fromkeys(found))))


def _check_whole(assembly: Assembly) -> Iterator[Finding]:
    view = AssemblyView(assembly)
    for rule in filter(needs_whole_assembly, all_rules().values()):
        severity = rule.severity_in(own=False)
        for subject in SUBJECTS[rule.subject](view):
            try:
                found = list(rule.check(subject))
            except Exception as error:
                raise BrokenRuleError(f"rule {rule.code} failed: {error!r}") from error
            yield from (replace(each, severity=lower_severity(each.severity, severity)) for each in found)
