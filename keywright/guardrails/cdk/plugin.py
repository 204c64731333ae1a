"""Guardrails inside a CDK app: rule packs of cdk-nag and our rules as validation plugins, and the verdict after synthesis.

The only module of the guardrails that imports the CDK.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii

from keywright.assembly.templates.reader import read_assembly
from keywright.guardrails.engine import checked_assembly
from keywright.guardrails.exceptions.acknowledgements import (
    PACKS,
    PLUGIN,
    Record,
    acknowledge,
    declared_locations,
    id_of,
)
from keywright.guardrails.exceptions.signature import SIGNATURE, sign
from keywright.guardrails.invariants.record import NO_INVARIANTS, Invariants, recorded_invariants
from keywright.guardrails.reports.rendering import render_verdict
from keywright.guardrails.rule import all_rules
from keywright.guardrails.verdict import REPORT, Verdict, report
from keywright.reporting.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from keywright.guardrails.results import CheckedAssembly
    from keywright.model.account.break_glass import BreakGlass
    from keywright.model.declarations import Declarations
    from keywright.model.exceptions import FindingException
    from keywright.model.invariants import Always, Never
    from keywright.model.source.places import Places

__all__ = ["attach", "attach_declared", "conclude", "report"]

_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "info"}


@jsii.implements(cdk.IPolicyValidationPlugin)
class GuardrailsPlugin:
    """Our rules as a validation plugin, which checks all files of the assembly, including nested stacks and stages."""

    def __init__(self, outdir: Path, today: date, *, own: bool) -> None:
        self._outdir = outdir
        self._own = own
        self.today = today
        self.seen: CheckedAssembly | None = None

    @property
    def name(self) -> str:
        """Return the namespace of the ids of our findings."""
        return PLUGIN

    @property
    def version(self) -> str:
        """Return the package's version."""
        return version("keywright")

    @property
    def rule_ids(self) -> list[str]:
        """List our rules."""
        return list(all_rules())

    def validate(self, _context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check the assembly; an exception in a rule fails the synthesis."""
        assembly, invariants = read_assembly(self._outdir), recorded_invariants(self._outdir)
        self.seen = checked_assembly(assembly, own=self._own, invariants=invariants)
        found = (*self.seen.result.unusable, *self.seen.result.findings)
        refuses = any(each.outcome is Outcome.FAULT and each.severity is Severity.ERROR for each in found)
        return cdk.PolicyValidationPluginReport(
            success=not refuses, violations=[_violation(each) for each in found], plugin_version=self.version
        )


def _violation(finding: Finding) -> Any:
    """Convert a finding for the CDK's report; an undecided one has the severity `info`."""
    severity = "info" if finding.outcome is Outcome.UNDECIDED else _SEVERITIES[finding.severity]
    place = cdk.PolicyViolatingResource(
        locations=[str(finding.location)],
        resource_logical_id=finding.resource or None,
        template_path=finding.location.file,
        construct_path=finding.path or None,
    )
    return cdk.PolicyViolation(
        rule_name=id_of(finding),
        description=f"{finding.message}; found {finding.found}" if finding.found else finding.message,
        fix=finding.accepted or None,
        severity=severity,
        violating_resources=[place],
    )


def attach(
    app: cdk.App,
    *,
    packs: Sequence[str] = ("AwsSolutions",),
    exceptions: Sequence[FindingException] = (),
    invariants: Invariants | Sequence[Never | Always] = NO_INVARIANTS,
    declared: Mapping[str, Construct] = MappingProxyType({}),
    own: bool = False,
    today: date | None = None,
    places: Places | None = None,
    break_glass: BreakGlass | str | None = None,
) -> None:
    """Attach rule packs and our rules to an app, to run when it is synthesized.

    `own` says that Keywright's constructs wrote the identities: their conventions are errors then, and what they mark as a
    permissions boundary is one. In any other app conventions are warnings, and a mark proves nothing.

    `invariants` (`Never(who=…)` and `Always(who=…)`) are proved of the templates, and recorded beside them. `declared` maps
    the names that exceptions can use (`role/vendor`) to constructs, `places` gives the lines of the exceptions, `break_glass`
    is as in the declarations. With `today`, expired exceptions accept nothing. `report` counts what exceptions match, after
    the synthesis.

    Raises:
        ValueError: A rule pack is unknown, or an invariant has a name that AWS does not list.
    """
    outdir = Path(app.outdir)
    to_prove = _invariants(invariants)
    # A synthesis that fails early must not leave an older report, or signature, behind.
    for file in (REPORT, SIGNATURE):
        (outdir / file).unlink(missing_ok=True)
    paths = {name: construct.node.path for name, construct in declared.items() if _is_named(name, exceptions)}
    acknowledgements = acknowledge(exceptions, paths, today, places)
    for each in acknowledgements:
        if each.id:
            given = cdk.Acknowledgment(id=each.id, reason=each.because)
            cdk.Validations.of(declared[each.on]).acknowledge(given)
    to_prove.write(outdir)
    Record(
        own,
        acknowledgements,
        declared_locations(declared, places),
        # With a reason and a last day, the exceptions follow from it.
        break_glass=break_glass if isinstance(break_glass, str) else "",
    ).write(outdir)
    ours = _ATTACHED[app] = GuardrailsPlugin(outdir, today or _today(), own=own)
    cdk.Validations.of(app).add_plugins(*(_pack(app, name) for name in packs), ours)


def attach_declared(
    app: cdk.App,
    declarations: Declarations,
    *,
    declared: Mapping[str, Construct],
    today: date,
    places: Places,
) -> None:
    """Attach the rule packs, exceptions and invariants that a folder declares."""
    from keywright.guardrails.invariants.declared import declared_invariants  # noqa: PLC0415 - for declarations alone
    from keywright.model.accepted_findings import accepted_findings  # noqa: PLC0415 - for declarations alone

    attach(
        app,
        packs=declarations.account.checks,
        exceptions=accepted_findings(declarations),
        own=True,
        invariants=declared_invariants(declarations, places),
        declared=declared,
        today=today,
        places=places,
        break_glass=declarations.account.break_glass,
    )


_ATTACHED: WeakKeyDictionary[cdk.App, GuardrailsPlugin] = WeakKeyDictionary()
"""The plugin of each app: `conclude` reuses its result, so that the assembly is checked once."""


def _invariants(given: Invariants | Sequence[Never | Always]) -> Invariants:
    if isinstance(given, Invariants):
        return given
    from keywright.guardrails.invariants.declared import declared_in_python  # noqa: PLC0415 - for these alone

    found = declared_in_python(given)
    if mistakes := [each for each in found.findings if each.severity is Severity.ERROR]:
        raise ValueError("\n".join(map(str, mistakes)))
    return found


def _is_named(name: str, exceptions: Sequence[FindingException]) -> bool:
    return any(each.on == name for each in exceptions)


def _pack(app: cdk.App, name: str) -> Any:
    import cdk_nag  # noqa: PLC0415 - slow to load, and not needed without packs

    if name not in PACKS:
        near = get_close_matches(name, PACKS, n=3, cutoff=0.3) or PACKS
        message = f"there is no rule pack `{name}`; accepted: {', '.join(f'`{each}`' for each in near)}"
        raise ValueError(message)
    return getattr(cdk_nag, PACKS[name])(app)


def conclude(app: cdk.App, *, strict: bool = False) -> int:
    """Synthesize an app, write the verdict to standard error, and return the exit code: 0 good, 1 refused.

    Raises:
        RuntimeError: The synthesis failed, and not because of its validation.
    """
    outdir, ours = Path(app.outdir), _ATTACHED.get(app)
    try:
        app.synth()
    except RuntimeError:
        # A failed validation raises too; then the report has the findings.
        if not (outdir / REPORT).exists():
            raise
    # The signature lets a later `keywright check` believe what was accepted. Without a key of this user there is none.
    sign(outdir)
    verdict: Verdict = report(outdir, ours.seen if ours else None)
    sys.stderr.write(f"{render_verdict(verdict, ours.today if ours else _today())}\n")
    return verdict.exit_code(strict=strict)


def _today() -> date:
    return datetime.now(UTC).date()
