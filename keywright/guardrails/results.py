"""The result of checking an assembly: its findings, and the names by which exceptions refer to them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from keywright.assembly.templates.names import owner_name
from keywright.reporting.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.templates.template import Assembly
    from keywright.reporting.finding import Location


def exception_text(finding: Finding) -> str:
    """Return the text by which an exception names a finding; that of an undecided one begins with `cannot tell`."""
    found = finding.found.replace("`", "")
    return f"cannot tell {found}".rstrip() if finding.outcome is Outcome.UNDECIDED else found


@dataclass(frozen=True)
class ExceptionNames:
    """How exceptions name the places of findings.

    In our own assemblies by the declared name of the enclosing construct, from `declared` (construct path to name);
    elsewhere by construct path, logical id, or file name. `places` says where a name is declared, `break_glass` is the role
    that could accept its findings by `break_glass`.
    """

    declared: Mapping[str, str] | None = None
    places: Mapping[str, Location | None] = field(default_factory=dict)
    break_glass: str = ""

    def on(self, finding: Finding) -> str:
        """Return the name of a finding's place; "" where nothing is declared."""
        if self.declared is None:
            return finding.path or finding.resource or PurePath(finding.location.file).name
        path = finding.path
        # The closest enclosing construct that is declared gives the name.
        while path and path not in self.declared:
            path = path.rpartition("/")[0]
        return self.declared.get(path, "")

    def with_declaration(self, finding: Finding) -> Finding:
        """Add the location of the declaration to a finding."""
        place = self.places.get(self.on(finding))
        return replace(finding, see=(place, *finding.see)) if place else finding


UNDECLARED = ExceptionNames()
"""For assemblies of others, in which nothing is declared."""


def declared_names(
    assembly: Assembly, known: Mapping[str, Location | None], break_glass: str = ""
) -> ExceptionNames:
    """Find the constructs of declared names by their resources, whose logical ids encode the names in `known`.

    An enclosing construct gets the same name, unless it also contains resources of other names.
    """
    declared: dict[str, str] = {}
    around: dict[str, set[str]] = {}
    for resource in assembly.resources:
        name = owner_name(resource.logical_id)
        if name in known:
            declared[resource.construct_path] = name
            around.setdefault(resource.construct_path.rpartition("/")[0], set()).add(name)
    return ExceptionNames(
        {path: name for path, (name, *others) in around.items() if not others} | declared, known, break_glass
    )


ExceptionTarget = tuple[str, str, str]
"""A template's file name, a logical id in it, and the construct path if there is one."""


@dataclass(frozen=True)
class CheckResult:
    """The findings on an assembly, in reading order, including undecided ones.

    `unusable` is about input that could not be read; `checked` counts the subjects of each rule, `accepted` the findings
    that exceptions removed, `known` those that a baseline removed, `conventions` those that a profile leaves out; `names` says how exceptions name places, `files` are
    the templates, `unknown_names` the names of invariants that no template has, `targets` what exceptions can name. `notes` say how
    the result came about; they are no findings.
    """

    findings: tuple[Finding, ...]
    unusable: tuple[Finding, ...] = ()
    checked: Mapping[str, int] = field(default_factory=dict)
    templates: int = 0
    resources: int = 0
    accepted: int = 0
    known: int = 0
    conventions: int = 0
    names: ExceptionNames = UNDECLARED
    files: tuple[str, ...] = ()
    unknown_names: tuple[Finding, ...] = ()
    targets: frozenset[ExceptionTarget] = frozenset()
    notes: tuple[Finding, ...] = ()

    @property
    def undecided(self) -> int:
        """Count the undecided findings."""
        return sum(each.outcome is Outcome.UNDECIDED for each in self.findings)

    def faults(self, severity: Severity) -> int:
        """Count the faults of one severity."""
        return sum(each.outcome is Outcome.FAULT and each.severity is severity for each in self.findings)


@dataclass(frozen=True)
class CheckedAssembly:
    """An assembly and its findings."""

    assembly: Assembly
    result: CheckResult
