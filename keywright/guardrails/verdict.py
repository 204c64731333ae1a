"""The verdict after a synthesis: the findings of every rule pack, what was accepted and why, and exceptions that fail.

The conclusions of the validation report decide, not only the error that `synth()` raises: with `CDK_APP_MODE=process` the
CDK prints that error instead ("Validations", AWS CDK API Reference). Our own rules check the files of the assembly once
more, including nested stacks and stages.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.workers import workers_within
from keywright.guardrails.engine import check_assembly, checked_assembly
from keywright.guardrails.exceptions.acknowledgements import PLUGIN, Acknowledgement, Record, id_of
from keywright.guardrails.exceptions.believed import believed
from keywright.guardrails.invariants.record import Invariants, recorded_invariants
from keywright.guardrails.results import UNDECLARED, CheckedAssembly, ExceptionNames, declared_names
from keywright.reporting.exit_codes import exit_code_for
from keywright.reporting.finding import Finding, Location, Outcome, Severity, in_reading_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.guardrails.results import CheckResult

    Places = Mapping[str, Resource]

REPORT = "validation-report.json"
LARGEST_REPORT = 256 << 20
_SEVERITIES = {"fatal": Severity.ERROR, "error": Severity.ERROR, "warning": Severity.WARNING}


@dataclass(frozen=True)
class Accepted:
    """An accepted finding; `by` is the declared exception, or None if a construct accepts it."""

    finding: Finding
    because: str
    by: Acknowledgement | None = None


@dataclass(frozen=True)
class Verdict:
    """The findings of an assembly.

    `findings` are in reading order and include undecided ones; `mistakes` are about exceptions (a warning if one matches
    nothing, an error if one matches several findings); `failures` are reasons not to trust the report. `names` says how
    exceptions name the places of findings.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...] = ()
    mistakes: tuple[Finding, ...] = ()
    failures: tuple[Finding, ...] = ()
    names: ExceptionNames = UNDECLARED

    @property
    def refuses(self) -> bool:
        """Return whether the assembly must not be deployed."""
        return any(
            each.severity is Severity.ERROR and each.outcome is Outcome.FAULT
            for each in (*self.findings, *self.mistakes, *self.failures)
        )

    def exit_code(self, *, strict: bool = False) -> int:
        """Return the exit code; only `strict` counts warnings and undecided results."""
        everything = (*self.findings, *self.mistakes, *self.failures) if strict else ()
        return exit_code_for(
            findings=self.refuses or any(map(_is_warning, everything)),
            undecided=any(each.outcome is Outcome.UNDECIDED for each in everything),
        )


def _is_warning(finding: Finding) -> bool:
    return finding.severity is Severity.WARNING and finding.outcome is Outcome.FAULT


def report(outdir: Path, seen: CheckedAssembly | None = None) -> Verdict:
    """Return the verdict on an assembly that was synthesized with our plugin attached.

    `seen` is the plugin's result; without it the files of the assembly are checked again.

    Raises:
        BrokenRuleError: One of our rules failed.
    """
    record, plugins = Record.read(outdir), _plugin_reports(outdir)
    shown = Location(str(outdir / REPORT))
    if record is None or plugins is None:
        message = "the guardrails have not checked this assembly"
        return Verdict((), failures=(Finding(shown, message, accepted="a complete synthesis"),))
    # The plugin's result is reused, as a check of a large assembly takes seconds.
    seen = seen or checked_assembly(
        read_assembly(outdir), own=record.own, invariants=recorded_invariants(outdir)
    )
    places = {resource.construct_path: resource for resource in seen.assembly.resources}
    accepted = [each for plugin in plugins for each in _accepted(plugin, record, places)]
    result = without_findings(seen.result, _covered(plugins))
    others = [
        each
        for plugin in plugins
        if plugin.get("pluginName") != PLUGIN
        for each in _violations(plugin, "violations", places)
    ]
    findings = in_reading_order([*result.findings, *others])
    names = declared_names(seen.assembly, record.declared, record.break_glass)
    return Verdict(
        tuple(map(names.with_declaration, findings)),
        tuple(accepted),
        tuple(_mistakes(record, accepted, findings)),
        (*result.unusable, *_failures(plugins, findings, shown)),
        names,
    )


def check_own_assembly(
    outdir: Path,
    today: date,
    invariants: Invariants | None = None,
    *,
    own: bool = True,
    assembly: Assembly | None = None,
    workers: int = 1,
) -> CheckResult:
    """Check the files of an assembly that was synthesized here; exceptions of its synthesis count until they expire.

    Without `invariants`, those recorded by its synthesis are checked.

    Raises:
        BrokenRuleError: One of our rules failed.
        LostWorkerError: A worker was stopped.
    """
    to_check = recorded_invariants(outdir) if invariants is None else invariants
    assembly = assembly or read_assembly(outdir)
    seen = CheckedAssembly(assembly, check_assembly(assembly, own=own, workers=workers, invariants=to_check))
    record, plugins = Record.read(outdir), _plugin_reports(outdir)
    if record is None or plugins is None:
        return seen.result
    result = without_findings(
        seen.result, _covered(plugins, lambda each: not _has_ended(each, record, today))
    )
    names = declared_names(seen.assembly, record.declared, record.break_glass)
    return replace(result, findings=tuple(map(names.with_declaration, result.findings)), names=names)


def check_path(path: Path, today: date, invariants: Invariants, workers: int = 1) -> CheckResult:
    """Check an assembly or template; what its synthesis accepted is believed only with a signature of this user.

    `workers` is as for `workers_within`.

    Raises:
        BrokenRuleError: One of our rules failed.
        LostWorkerError: A worker was stopped.
    """
    assembly = read_assembly(path)
    within, given = workers_within(assembly, workers), believed(path, assembly)
    if given.record is not None:
        own = given.record.own
        return check_own_assembly(path, today, invariants, own=own, assembly=assembly, workers=within)
    result = check_assembly(assembly, own=False, workers=within, invariants=invariants)
    return replace(result, notes=(given.note,) if given.note else ())


AcknowledgedFindings = frozenset[tuple[str, str]]


def without_findings(result: CheckResult, covered: AcknowledgedFindings) -> CheckResult:
    """Remove findings from a result, by id and construct path."""
    left = tuple(each for each in result.findings if (id_of(each), each.path) not in covered)
    return replace(result, findings=left, accepted=len(result.findings) - len(left))


def _has_ended(violation: Mapping[str, Any], record: Record, today: date) -> bool:
    by = _declared(violation, record)
    return by is not None and by.until < today.isoformat()


def _covered(
    plugins: Iterable[Mapping[str, Any]], counts: Callable[[Mapping[str, Any]], bool] = lambda _: True
) -> AcknowledgedFindings:
    return frozenset(
        (str(violation.get("ruleName")), str(construct.get("constructPath")))
        for plugin in plugins
        if plugin.get("pluginName") == PLUGIN
        for violation in _objects(plugin.get("suppressedViolations"))
        if counts(violation)
        for construct in _objects(violation.get("violatingConstructs"))
    )


def _plugin_reports(outdir: Path) -> list[dict[str, Any]] | None:
    content = _read(outdir)
    reports = content.get("pluginReports") if content is not None else None
    return _objects(reports) if isinstance(reports, list) else None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _read(outdir: Path) -> Mapping[str, Any] | None:
    try:
        if (outdir / REPORT).stat().st_size > LARGEST_REPORT:
            return None
        content = json.loads((outdir / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _violations(plugin: Mapping[str, Any], kind: str, places: Places) -> Iterator[Finding]:
    for violation in _objects(plugin.get(kind)):
        for construct in _objects(violation.get("violatingConstructs")):
            yield _finding(violation, construct, places)


def _finding(violation: Mapping[str, Any], construct: Mapping[str, Any], places: Places) -> Finding:
    rule, _, found = str(violation.get("ruleName", "")).partition("[")
    path = str(construct.get("constructPath") or "")
    resource = places.get(path)
    return Finding(
        resource.location if resource else Location(path or "app"),
        _as_message(str(violation.get("description", ""))),
        found=f"`{found[:-1]}`" if found else "",
        accepted=_as_message(str(violation.get("suggestedFix") or "")),
        rule=rule,
        severity=_SEVERITIES.get(str(violation.get("severity")), Severity.ADVICE),
        resource=resource.logical_id if resource else "",
        path=path,
    )


def _as_message(description: str) -> str:
    """Write a rule pack's sentence like our own messages: lower case, without a full stop."""
    first = (
        description[:1].lower() if description[1:2].islower() or description[1:2] == " " else description[:1]
    )
    return f"{first}{description[1:]}".removesuffix(".")


def _accepted(plugin: Mapping[str, Any], record: Record, places: Places) -> Iterator[Accepted]:
    for violation in _objects(plugin.get("suppressedViolations")):
        by = _declared(violation, record)
        for construct in _objects(violation.get("violatingConstructs")):
            yield Accepted(_finding(violation, construct, places), str(violation.get("reason") or ""), by)


def _declared(violation: Mapping[str, Any], record: Record) -> Acknowledgement | None:
    wanted = (
        _normal(str(violation.get("acknowledgedId"))),
        violation.get("acknowledgedAt"),
        violation.get("reason"),
    )
    return next(
        (
            each
            for each in record.acknowledgements
            if (_normal(each.id), each.construct_path, each.because) == wanted
        ),
        None,
    )


def _normal(identity: str) -> str:
    return identity.replace(" ", "-")


def _mistakes(record: Record, accepted: Iterable[Accepted], findings: Iterable[Finding]) -> Iterator[Finding]:
    covered = [each.by for each in accepted if each.by is not None]
    for exception in record.acknowledgements:
        count = covered.count(exception)
        if exception.problem:
            yield _mistake(exception, f"matches no finding: {exception.problem}", Severity.ERROR)
        elif count > 1:
            yield _mistake(
                exception, f"matches {count} findings", Severity.ERROR, "an exception for each finding"
            )
        elif count == 0:
            nearby = [each.found for each in findings if _is_near(each, exception)]
            yield _mistake(exception, "matches no finding", Severity.WARNING, _suggestions(nearby))


def _is_near(finding: Finding, exception: Acknowledgement) -> bool:
    below = f"{finding.path}/".startswith(f"{exception.construct_path}/")
    return finding.rule == exception.rule and below


def _suggestions(found: list[str]) -> str:
    return " or ".join(f"finding {each}" for each in found[:3]) or "no such exception"


def _mistake(exception: Acknowledgement, what: str, severity: Severity, accepted: str = "") -> Finding:
    found = f"`{exception.finding}`" if exception.finding else ""
    return Finding(exception.location, f"{exception.label} {what}", found, accepted, severity=severity)


def _failures(plugins: list[dict[str, Any]], findings: list[Finding], shown: Location) -> Iterator[Finding]:
    """Report failures that no finding explains: a plugin that failed, or a report that we misread."""
    for plugin in plugins:
        name = str(plugin.get("pluginName"))
        error = (plugin.get("metadata") or {}).get("error")
        if plugin.get("conclusion") == "success":
            continue
        if error:
            yield Finding(shown, f"{name} failed", found=f"`{error}`")
        elif not any(each.severity is Severity.ERROR for each in findings):
            yield Finding(
                shown, f"{name} rejects the assembly", found=f"conclusion `{plugin.get('conclusion')}`"
            )
