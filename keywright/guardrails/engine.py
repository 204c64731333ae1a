"""Check an assembly by every rule. An exception in a rule stops the check: it must never look like a pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from keywright.guardrails.fixes.offering import with_fixes
from keywright.guardrails.invariants.record import NO_INVARIANTS, Invariants
from keywright.guardrails.place import Place
from keywright.guardrails.results import CheckedAssembly, CheckResult, ExceptionTarget
from keywright.guardrails.rule import Rule, all_rules
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.kinds import SUBJECTS
from keywright.reporting.finding import Finding, Outcome, Severity, in_reading_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.templates.template import Assembly


def checked_assembly(
    assembly: Assembly, *, own: bool, invariants: Invariants = NO_INVARIANTS
) -> CheckedAssembly:
    """Check an assembly and return both; see `check_assembly`."""
    return CheckedAssembly(assembly, check_assembly(assembly, own=own, invariants=invariants))


class BrokenRuleError(Exception):
    """A rule raised an exception on a template."""


def check_assembly(
    assembly: Assembly,
    *,
    own: bool,
    rules: Mapping[str, Rule] | None = None,
    workers: int = 1,
    invariants: Invariants = NO_INVARIANTS,
) -> CheckResult:
    """Check an assembly. With `own`, conventions are errors; on other templates they are warnings.

    `invariants` are proved too. Several workers need a process that can be forked.

    Raises:
        BrokenRuleError: A rule, or the search for its subjects, raised; the message names the rule and its subject.
        LostWorkerError: A worker was stopped.
    """
    view = AssemblyView(assembly, invariants, own=own)
    chosen = list((all_rules() if rules is None else rules).values())
    subjects = _subjects(view)
    findings: list[Finding] = [each for each in assembly.findings if each.outcome is Outcome.UNDECIDED]
    findings += _unreadable_policies(view)
    findings += _findings_of(_Work(tuple(chosen), subjects, own), workers)
    unusable = tuple(each for each in assembly.findings if each.outcome is Outcome.FAULT)
    findings += [each for each in invariants.findings if each.severity is Severity.WARNING]
    unusable += tuple(each for each in invariants.findings if each.severity is Severity.ERROR)
    return CheckResult(
        # Identities can share a policy, so that a rule can report the same statement several times.
        tuple(in_reading_order(_without_duplicates(findings))),
        unusable,
        {rule.code: len(subjects[rule.subject]) for rule in chosen if subjects[rule.subject]},
        templates=len(assembly.templates),
        resources=sum(len(template.resources) for template in assembly.templates),
        files=tuple(dict.fromkeys(template.file for template in assembly.templates)),
        unknown_names=tuple(view.unknown_names),
        targets=frozenset(exception_targets(assembly)),
    )


def _subjects(view: AssemblyView) -> Mapping[type, list[Any]]:
    try:
        return {kind: list(find(view)) for kind, find in SUBJECTS.items()}
    except Exception as error:
        raise BrokenRuleError(f"finding the subjects of rules failed: {error!r}") from error


def exception_targets(assembly: Assembly) -> Iterator[ExceptionTarget]:
    """Yield what exceptions can name in an assembly."""
    for template in assembly.templates:
        file = PurePath(template.file).name
        yield file, "", ""
        yield from ((file, each.logical_id, each.construct_path) for each in template.resources.values())


@dataclass(frozen=True)
class _Work:
    """Rules and their subjects."""

    rules: tuple[Rule, ...]
    subjects: Mapping[type, list[Any]]
    own: bool

    def share(self, share: int, shares: int) -> list[list[Finding]]:
        """Run every rule on one share of its subjects, which are neighbours."""
        return [
            [
                finding
                for subject in _share_of(self.subjects[rule.subject], share, shares, number)
                for finding in _findings_on(rule, subject, own=self.own)
            ]
            for number, rule in enumerate(self.rules)
        ]


def _share_of(subjects: list[Any], part: int, parts: int, number: int) -> list[Any]:
    """Return one share of a list. Neighbours stay together: they often share cached results."""
    # A rule with one subject, such as the whole assembly, runs in one share; rules take turns.
    if len(subjects) == 1:
        return subjects if number % parts == part else []
    size, rest = divmod(len(subjects), parts)
    start = part * size + min(part, rest)
    return subjects[start : start + size + (part < rest)]


_WORK: list[_Work] = []
"""Inherited by forked workers: sending it to them would cost more than the work."""


def _findings_of(work: _Work, workers: int) -> list[Finding]:
    """Return the findings of the rules, by one worker or several."""
    if workers == 1:
        return [finding for findings_of_rule in work.share(0, 1) for finding in findings_of_rule]
    from keywright.assembly.workers import map_in_order  # noqa: PLC0415 - small assemblies need no workers

    _WORK.append(work)
    try:
        shares = list(map_in_order(partial(_run_share, shares=workers), range(workers), workers))
    finally:
        _WORK.pop()
    return [finding for share in shares for findings_of_rule in share for finding in findings_of_rule]


def _run_share(share: int, shares: int) -> list[list[Finding]]:
    return _WORK[-1].share(share, shares)


def _findings_on(rule: Rule, subject: object, *, own: bool) -> list[Finding]:
    try:
        found = list(rule.check(subject))
        if not found or (rule.only_written and _is_generated(subject)):
            return []
        severity = rule.severity_in(own=own)
        weighed = [replace(each, severity=lower_severity(each.severity, severity)) for each in found]
        return with_fixes(rule, subject, weighed)
    except Exception as error:
        raise BrokenRuleError(f"rule {rule.code} failed on {_description(subject)}: {error!r}") from error


def _is_generated(subject: object) -> bool:
    place = getattr(subject, "place", None)
    return isinstance(place, Place) and place.is_generated


_WEIGHTS = (Severity.ADVICE, Severity.WARNING, Severity.ERROR)


def lower_severity(one: Severity, other: Severity) -> Severity:
    """Return the lower of two severities."""
    return min(one, other, key=_WEIGHTS.index)


def _description(subject: object) -> str:
    place = getattr(subject, "place", None)
    return str(place.location) if place is not None else type(subject).__name__


def _without_duplicates(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))


def _unreadable_policies(view: AssemblyView) -> Iterator[Finding]:
    for policy in (each.policy for each in view.policies):
        for unknown in policy.unreadable:
            yield Place(policy.holder, policy.path).undecided(
                "",
                f"what the policy `{policy.name}` allows: {unknown.reason}",
                found=f"`{unknown}`",
                accepted="statements in the template",
            )
