"""Judge an assembly by every rule; each rule sees everything it reads, and a failure of a rule is loud."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keywright.finding import Finding, Outcome, Severity, in_reading_order
from keywright.guardrails.acceptance import FOREIGN, Names
from keywright.guardrails.invariants import NONE, Invariants
from keywright.guardrails.rule import Rule, all_rules
from keywright.guardrails.subjects import SUBJECTS
from keywright.guardrails.whole import Whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.document import Policy
    from keywright.assembly.template import Assembly


@dataclass(frozen=True)
class Judgement:
    """What the rules say of an assembly. `findings` are in reading order, undecided ones among them.

    `unusable` says what of the input could not be read at all; `checked` counts what each rule looked at, `accepted`
    the findings that exceptions took away, `known` those that a baseline did; `names` says how exceptions name their
    places, `files` which templates there are, `strange` which names of invariants mean nothing there.
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
    invariants: Invariants = NONE,
) -> Judgement:
    """Judge an assembly. `own` makes our conventions errors; on anybody else's templates they are warnings.

    What `invariants` say is proved of it too.

    Raises:
        BrokenRuleError: A rule raised; the message names it and what it was looking at.
    """
    whole = Whole(assembly, invariants)
    findings: list[Finding] = [each for each in assembly.findings if each.outcome is Outcome.UNDECIDED]
    findings += _unreadable_policies(whole)
    checked: Counter[str] = Counter()
    subjects = {kind: list(find(whole)) for kind, find in SUBJECTS.items()}
    for rule in (all_rules() if rules is None else rules).values():
        for subject in subjects[rule.subject]:
            checked[rule.code] += 1
            findings += _of(rule, subject, own=own)
    unusable = tuple(each for each in assembly.findings if each.outcome is Outcome.FAULT)
    findings += [each for each in invariants.findings if each.severity is Severity.WARNING]
    unusable += tuple(each for each in invariants.findings if each.severity is Severity.ERROR)
    return Judgement(
        tuple(in_reading_order(_once(findings))),
        unusable,
        dict(checked),
        templates=len(assembly.templates),
        resources=sum(len(template.resources) for template in assembly.templates),
        files=tuple(dict.fromkeys(template.file for template in assembly.templates)),
        strange=tuple(whole.strange_names),
    )


def _of(rule: Rule, subject: object, *, own: bool) -> list[Finding]:
    severity = rule.severity_in(own=own)
    try:
        return [replace(each, severity=lighter(each.severity, severity)) for each in rule.check(subject)]
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
