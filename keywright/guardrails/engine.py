"""Judge an assembly by every rule; each rule sees everything it reads, and a failure of a rule is loud."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from keywright.guardrails.fixes.offering import offered
from keywright.guardrails.invariants.record import NONE, Invariants
from keywright.guardrails.judgement import Judged, Judgement, Thing
from keywright.guardrails.rule import Rule, all_rules
from keywright.guardrails.subjects.assembly_view import Whole
from keywright.guardrails.subjects.kinds import SUBJECTS
from keywright.reporting.finding import Finding, Outcome, Severity, in_reading_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Assembly


def judged(assembly: Assembly, *, own: bool, invariants: Invariants = NONE) -> Judged:
    """Judge an assembly and keep both; see `judge`."""
    return Judged(assembly, judge(assembly, own=own, invariants=invariants))


class BrokenRuleError(Exception):
    """A rule failed on a template: a mistake of ours, which must never look like a pass."""


def judge(
    assembly: Assembly,
    *,
    own: bool,
    rules: Mapping[str, Rule] | None = None,
    workers: int = 1,
    invariants: Invariants = NONE,
) -> Judgement:
    """Judge an assembly. `own` makes our conventions errors; on anybody else's templates they are warnings.

    What `invariants` say is proved of it too. More than one worker is for processes that may be forked.

    Raises:
        BrokenRuleError: A rule raised, or what finds its subjects; the message names it and what it was looking at.
        LostWorkerError: A worker was stopped.
    """
    whole = Whole(assembly, invariants, own=own)
    chosen = list((all_rules() if rules is None else rules).values())
    subjects = _subjects(whole)
    findings: list[Finding] = [each for each in assembly.findings if each.outcome is Outcome.UNDECIDED]
    findings += _unreadable_policies(whole)
    findings += _said(_Work(tuple(chosen), subjects, own), workers)
    unusable = tuple(each for each in assembly.findings if each.outcome is Outcome.FAULT)
    findings += [each for each in invariants.findings if each.severity is Severity.WARNING]
    unusable += tuple(each for each in invariants.findings if each.severity is Severity.ERROR)
    return Judgement(
        tuple(in_reading_order(_once(findings))),
        unusable,
        {rule.code: len(subjects[rule.subject]) for rule in chosen if subjects[rule.subject]},
        templates=len(assembly.templates),
        resources=sum(len(template.resources) for template in assembly.templates),
        files=tuple(dict.fromkeys(template.file for template in assembly.templates)),
        strange=tuple(whole.strange_names),
        things=frozenset(things_in(assembly)),
    )


def _subjects(whole: Whole) -> Mapping[type, list[Any]]:
    try:
        return {kind: list(find(whole)) for kind, find in SUBJECTS.items()}
    except Exception as error:
        raise BrokenRuleError(f"gathering what rules look at failed: {error!r}") from error


def things_in(assembly: Assembly) -> Iterator[Thing]:
    """Give what of an assembly exceptions may name."""
    for template in assembly.templates:
        file = PurePath(template.file).name
        yield file, "", ""
        yield from ((file, each.logical_id, each.construct_path) for each in template.resources.values())


@dataclass(frozen=True)
class _Work:
    """Rules, and what each looks at."""

    rules: tuple[Rule, ...]
    subjects: Mapping[type, list[Any]]
    own: bool

    def share(self, share: int, shares: int) -> list[list[Finding]]:
        """Do every rule's part of the work: one share of what it looks at, in neighbouring pieces."""
        return [
            [
                finding
                for subject in _part(self.subjects[rule.subject], share, shares, number)
                for finding in _of(rule, subject, own=self.own)
            ]
            for number, rule in enumerate(self.rules)
        ]


def _part(subjects: list[Any], part: int, parts: int, number: int) -> list[Any]:
    """Give one part of a list: neighbours, which share what they come to; the only one goes to each part in turn."""
    if len(subjects) == 1:
        return subjects if number % parts == part else []
    size, rest = divmod(len(subjects), parts)
    start = part * size + min(part, rest)
    return subjects[start : start + size + (part < rest)]


_WORK: list[_Work] = []
"""What forked workers find in their memory."""


def _said(work: _Work, workers: int) -> list[Finding]:
    """Give what the rules say, by one worker or several."""
    if workers == 1:
        return [finding for said in work.share(0, 1) for finding in said]
    from keywright.assembly.workers import map_in_order  # noqa: PLC0415 - small assemblies need no workers

    _WORK.append(work)
    try:
        shares = list(map_in_order(partial(_share, shares=workers), range(workers), workers))
    finally:
        _WORK.pop()
    return [finding for share in shares for said in share for finding in said]


def _share(share: int, shares: int) -> list[list[Finding]]:
    return _WORK[-1].share(share, shares)


def _of(rule: Rule, subject: object, *, own: bool) -> list[Finding]:
    try:
        found = list(rule.check(subject))
        if not found:
            return found
        severity = rule.severity_in(own=own)
        weighed = [replace(each, severity=lighter(each.severity, severity)) for each in found]
        return offered(rule, subject, weighed)
    except Exception as error:
        raise BrokenRuleError(f"rule {rule.code} failed on {_shown(subject)}: {error!r}") from error


_WEIGHTS = (Severity.ADVICE, Severity.WARNING, Severity.ERROR)


def lighter(one: Severity, other: Severity) -> Severity:
    """Give the severity of the two that weighs less."""
    return min(one, other, key=_WEIGHTS.index)


def _shown(subject: object) -> str:
    place = getattr(subject, "place", None)
    return str(place.location) if place is not None else type(subject).__name__


def _once(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))


def _unreadable_policies(whole: Whole) -> Iterator[Finding]:
    for each in whole.policies:
        for unknown in each.policy.unreadable:
            yield _unreadable(each.policy, str(unknown), unknown.reason)


def _unreadable(policy: Policy, shown: str, reason: str) -> Finding:
    return Finding(
        policy.location,
        f"cannot tell what the policy `{policy.name}` says: {reason}",
        found=f"`{shown}`",
        accepted="statements in the template",
        outcome=Outcome.UNDECIDED,
        resource=policy.holder.logical_id,
        path=policy.holder.construct_path,
    )
