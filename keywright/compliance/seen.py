"""What is judged: the declarations, the templates that were synthesized from them, or both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keywright.compliance.answer import Answer, Enforcer
from keywright.guardrails.engine import checked_assembly
from keywright.guardrails.exceptions.acknowledgements import Record
from keywright.guardrails.invariants.record import recorded_invariants
from keywright.guardrails.rule import all_rules
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.kinds import users
from keywright.guardrails.verdict import Accepted, report
from keywright.model.source.places import Places
from keywright.reporting.finding import Finding, Location, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from keywright.assembly.templates.template import Assembly
    from keywright.guardrails.subjects.kinds import User
    from keywright.model.declarations import Declarations


@dataclass(frozen=True, eq=False)
class Templates:
    """Templates, what the guardrails find in them, and what of that somebody accepted."""

    path: Path
    whole: AssemblyView
    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...] = ()
    is_ours: bool = False

    @property
    def assembly(self) -> Assembly:
        """The templates by themselves."""
        return self.whole.assembly

    @property
    def place(self) -> Location:
        """Where they are, as a whole."""
        return Location(self.path.as_posix())

    @property
    def unread(self) -> tuple[str, ...]:
        """What of the templates could not be read: nothing is proved while there is such."""
        return tuple(map(str, self.assembly.findings))

    @property
    def users(self) -> tuple[User, ...]:
        """The users, with their keys and logins."""
        return tuple(users(self.whole))

    def of_rule(self, rule: str, about: Callable[[Finding], bool] = lambda _: True) -> Answer:
        """Answer by what a guardrail finds: a fault is a gap, what is accepted or mere advice is a limit.

        In templates of ours the guardrail enforces it, too: it refuses their synthesis.
        """
        found = [each for each in self.findings if each.rule == rule and about(each)]
        accepted = [each for each in self.accepted if each.finding.rule == rule and about(each.finding)]
        return Answer(
            by=(Enforcer(f"guardrail {rule}: {all_rules()[rule].title}"),) if self.is_ours else (),
            evidence=() if self.is_ours else (f"judged by {rule}: {all_rules()[rule].title}",),
            gaps=tuple(filter(_refuses, found)),
            limits=(*map(_accepted, accepted), *(each.message for each in found if _is_light(each))),
            doubts=tuple(each.message for each in found if each.outcome is Outcome.UNDECIDED),
        )


def _refuses(finding: Finding) -> bool:
    return finding.outcome is Outcome.FAULT and finding.severity is not Severity.ADVICE


def _is_light(finding: Finding) -> bool:
    return finding.outcome is Outcome.FAULT and finding.severity is Severity.ADVICE


def _accepted(each: Accepted) -> str:
    place = each.by.on if each.by else each.finding.path or each.finding.resource
    until = f" until {each.by.until}" if each.by else ""
    return f"{each.finding.found} on `{place}` is accepted{until}: {each.because}"


@dataclass(frozen=True, eq=False)
class Seen:
    """What there is to look at on a day."""

    today: date
    declarations: Declarations | None = None
    places: Places = field(default_factory=Places)
    templates: Templates | None = None


def look_at(assembly: Assembly, path: Path, today: date) -> Templates:
    """Let the guardrails judge templates; those that our own app synthesized by its own measure.

    What was accepted until a day that is past is a finding again.

    Raises:
        BrokenRuleError: One of our rules failed.
    """
    record = Record.read(path) if path.is_dir() else None
    own = record is not None and record.own
    seen = (
        checked_assembly(assembly, own=own, invariants=recorded_invariants(path))
        if own
        else checked_assembly(assembly, own=False)
    )
    whole = AssemblyView(assembly, own=own)
    if not own:
        return Templates(path, whole, seen.judgement.findings)
    verdict = report(path, seen)
    ended = [each for each in verdict.accepted if each.by and each.by.until < today.isoformat()]
    findings = (*verdict.findings, *(_found_again(each.finding) for each in ended))
    accepted = tuple(each for each in verdict.accepted if each not in ended)
    return Templates(path, whole, findings, accepted, is_ours=True)


def _found_again(finding: Finding) -> Finding:
    """Take from the report's sentence what the finding says by itself."""
    return replace(finding, message=finding.message.partition("; found ")[0])
