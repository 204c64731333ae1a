"""The input of a compliance report: declarations, templates that were synthesized from them, or both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keywright.assembly.templates.names import declared_name
from keywright.compliance.report import Assessment, Enforcer
from keywright.guardrails.engine import checked_assembly
from keywright.guardrails.exceptions.acknowledgements import Record
from keywright.guardrails.exceptions.believed import believed
from keywright.guardrails.invariants.record import recorded_invariants
from keywright.guardrails.rule import all_rules
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.kinds import users
from keywright.guardrails.verdict import Accepted, report
from keywright.model.checks.references import RESERVED_GROUPS
from keywright.model.source.places import Places
from keywright.reporting.finding import Finding, Location, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from keywright.assembly.templates.template import Assembly
    from keywright.guardrails.subjects.kinds import User
    from keywright.model.declarations import Declarations


@dataclass(frozen=True, eq=False)
class CheckedTemplates:
    """Templates, the findings of the guardrails, and the accepted findings."""

    path: Path
    view: AssemblyView
    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...] = ()
    is_ours: bool = False
    note: Finding | None = None
    """Why the templates are not taken for ours, although a synthesis recorded what it accepted."""

    @property
    def assembly(self) -> Assembly:
        """Return the templates."""
        return self.view.assembly

    @property
    def place(self) -> Location:
        """Return the location of the assembly."""
        return Location(self.path.as_posix())

    @property
    def unread(self) -> tuple[str, ...]:
        """Return what could not be read: no control is proved while there is any."""
        return tuple(map(str, self.assembly.findings))

    @property
    def users(self) -> tuple[User, ...]:
        """Return the users, with their keys and login profiles."""
        return tuple(users(self.view))

    def by_rule(self, rule: str, about: Callable[[Finding], bool] = lambda _: True) -> Assessment:
        """Assess by the findings of a rule: a fault is a gap, an accepted finding or advice is a limit.

        In our own templates the rule also enforces the control: it rejects the synthesis.
        """
        found = [each for each in self.findings if each.rule == rule and about(each)]
        accepted = [each for each in self.accepted if each.finding.rule == rule and about(each.finding)]
        return Assessment(
            enforced_by=(Enforcer(f"guardrail {rule}: {all_rules()[rule].title}"),) if self.is_ours else (),
            evidence=() if self.is_ours else (f"checked by {rule}: {all_rules()[rule].title}",),
            gaps=tuple(filter(_refuses, found)),
            limits=(*map(_accepted, accepted), *(each.message for each in found if _is_advice(each))),
            undecided=tuple(each.message for each in found if each.outcome is Outcome.UNDECIDED),
        )


def _refuses(finding: Finding) -> bool:
    return finding.outcome is Outcome.FAULT and finding.severity is not Severity.ADVICE


def _is_advice(finding: Finding) -> bool:
    return finding.outcome is Outcome.FAULT and finding.severity is Severity.ADVICE


def _accepted(each: Accepted) -> str:
    place = each.by.on if each.by else each.finding.path or each.finding.resource
    until = f" until {each.by.until}" if each.by else ""
    return f"{each.finding.found} on `{place}` is accepted{until}: {each.because}"


@dataclass(frozen=True, eq=False)
class Input:
    """The declarations and templates to assess on a day."""

    today: date
    declarations: Declarations | None = None
    places: Places = field(default_factory=Places)
    templates: CheckedTemplates | None = None


def check_templates(assembly: Assembly, path: Path, today: date, *, own: bool = False) -> CheckedTemplates:
    """Check templates by the guardrails; our own ones with what their synthesis accepted.

    Ours are those with a signature of this user, or all with a record of a synthesis if `own`. A finding whose exception has
    expired counts again.

    Raises:
        BrokenRuleError: One of our rules failed.
    """
    given = believed(path, assembly)
    record = Record.read(path) if own and path.is_dir() else given.record
    is_ours = record is not None and record.own
    source = (
        checked_assembly(assembly, own=True, invariants=recorded_invariants(path))
        if is_ours
        else checked_assembly(assembly, own=False)
    )
    view = AssemblyView(assembly, own=is_ours)
    # Exceptions recorded beside the templates of others were not checked by our synthesis.
    if not is_ours:
        return CheckedTemplates(path, view, source.result.findings, note=given.note)
    verdict = report(path, source)
    # The verdict is of the day of the synthesis; exceptions may have expired since.
    ended = [each for each in verdict.accepted if each.by and each.by.until < today.isoformat()]
    findings = (*verdict.findings, *(_reopened(each.finding) for each in ended))
    accepted = tuple(each for each in verdict.accepted if each not in ended)
    return CheckedTemplates(path, view, findings, accepted, is_ours=True)


def _reopened(finding: Finding) -> Finding:
    """Remove from the CDK report's sentence what the finding has in `found`."""
    return replace(finding, message=finding.message.partition("; found ")[0])


_DECLARED_SECTIONS = {"user": "users", "group": "groups", "role": "roles", "workload": "workloads"}
_OWN = frozenset(f"group/{name}" for name in RESERVED_GROUPS)
_TWIN = ".until-"
_OURS = "role/keywright-"


def differences(declarations: Declarations, assembly: Assembly) -> list[str]:
    """Report what is declared and not in the templates, then what is in the templates and not declared."""
    declared = set(_declared(declarations))
    assessment = set(filter(_is_declarable, (declared_name(each.logical_id) for each in assembly.resources)))
    return [
        *(f"`{each}` is declared and not in the templates" for each in sorted(declared - assessment)),
        *(f"`{each}` is in the templates and not declared" for each in sorted(assessment - declared)),
    ]


def _declared(declarations: Declarations) -> Iterator[str]:
    for kind, section in _DECLARED_SECTIONS.items():
        for name, thing in getattr(declarations, section).items():
            if not getattr(thing, "existing", False):
                yield f"{kind}/{name}"


def _is_declarable(name: str) -> bool:
    kind = name.partition("/")[0]
    return (
        kind in _DECLARED_SECTIONS and name not in _OWN and _TWIN not in name and not name.startswith(_OURS)
    )
