"""Offer a rewrite with each finding that has one; none is offered that does not take its finding away.

Every offer says whether access widens by it: the policy before and after is compared, and what cannot be decided counts
as widening.
"""

from __future__ import annotations

import pkgutil
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from keywright.guardrails import fixes
from keywright.guardrails.fixes.access import is_proved_to_add_no_access
from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.reread import RereadSubject, reread_subject
from keywright.reporting.finding import Finding, Fix, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keywright.guardrails.fixes.proposal import Proposal
    from keywright.guardrails.rule import Rule

    Fixer = Callable[[Any, Finding], Proposal]


@cache
def fixers() -> Mapping[str, tuple[Fixer, ...]]:
    """Return what proposes rewrites, by the code of the rule whose findings they are for."""
    names = sorted(each.name for each in pkgutil.iter_modules(fixes.__path__) if each.name.startswith("fix_"))
    modules = [import_module(f"{fixes.__name__}.{name}") for name in names]
    codes = dict.fromkeys(code for module in modules for code in module.CODES)
    return {code: tuple(each.fix for each in modules if code in each.CODES) for code in codes}


def with_fixes(rule: Rule, subject: Any, findings: list[Finding]) -> list[Finding]:
    """Return all that a rule says of a subject, each finding with its rewrite, or as it is."""
    if rule.code not in fixers():
        return findings
    return [_with_fix(rule, subject, each, findings) for each in findings]


def _with_fix(rule: Rule, subject: Any, finding: Finding, findings: list[Finding]) -> Finding:
    if finding.outcome is Outcome.UNDECIDED or finding.severity is Severity.ADVICE:
        return finding
    fixes = (_fix(each, rule, subject, finding, findings) for each in fixers()[rule.code])
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
    """Return whether the rule has one thing less to say, and nothing new."""
    left = [_identity(each) for each in rule.check(changed.subject)]
    return len(left) < len(findings) and _identity(finding) not in left


def _identity(finding: Finding) -> tuple[str, str, Outcome]:
    return finding.message, finding.found, finding.outcome


def _adds_no_access(changed: RereadSubject) -> bool:
    """Return whether nobody may do more than before; a subject without a policy gives nobody access."""
    if changed.before is None or changed.policy is None:
        return True
    return is_proved_to_add_no_access(changed.before.documents, changed.policy.documents, changed.kind)
