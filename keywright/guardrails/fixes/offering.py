"""Add a fix to each finding that has one. A rewrite that does not remove its finding is dropped.

A fix says whether it adds access: the policies before and after it are compared, and an undecided comparison counts as
added access.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.fixers import FIXERS
from keywright.guardrails.fixes.reread import RereadSubject, is_proved_to_add_no_access, reread_subject
from keywright.reporting.finding import Finding, Fix, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright.guardrails.fixes.proposal import Proposal
    from keywright.guardrails.rule import Rule

    Fixer = Callable[[Any, Finding], Proposal]


def with_fixes(rule: Rule, subject: Any, findings: list[Finding]) -> list[Finding]:
    """Return the findings of a rule on a subject, each with its fix if there is one."""
    if rule.code not in FIXERS:
        return findings
    return [_with_fix(rule, subject, each, findings) for each in findings]


def _with_fix(rule: Rule, subject: Any, finding: Finding, findings: list[Finding]) -> Finding:
    # An undecided finding may be no fault, and advice may be intended.
    if finding.outcome is Outcome.UNDECIDED or finding.severity is Severity.ADVICE:
        return finding
    fixes = (_fix(each, rule, subject, finding, findings) for each in FIXERS[rule.code])
    return replace(finding, fix=next((each for each in fixes if each is not None), None))


def _fix(fix: Fixer, rule: Rule, subject: Any, finding: Finding, findings: list[Finding]) -> Fix | None:
    try:
        proposal = fix(subject, finding)
        changed = reread_subject(subject, proposal.rewrite)
    except CannotRewriteError:
        return None
    if not _removes_finding(rule, finding, findings, changed):
        return None
    return proposal.rewrite.as_fix(proposal.message, widens=not _adds_no_access(changed))


def _removes_finding(rule: Rule, finding: Finding, findings: list[Finding], changed: RereadSubject) -> bool:
    """Return whether the rule has fewer findings on the rewritten subject, and not this one."""
    left = [_identity(each) for each in rule.check(changed.subject)]
    return len(left) < len(findings) and _identity(finding) not in left


def _identity(finding: Finding) -> tuple[str, str, Outcome]:
    return finding.message, finding.found, finding.outcome


def _adds_no_access(changed: RereadSubject) -> bool:
    """Return whether a rewrite adds no access; a subject without a policy grants none."""
    if changed.before is None or changed.policy is None:
        return True
    return is_proved_to_add_no_access(changed.before.documents, changed.policy.documents, changed.kind)
