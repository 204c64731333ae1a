"""What `keywright escalations` does: read, search, tell."""

import json
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typer

from keywright.assembly.queries.environments import escalation_results
from keywright.assembly.queries.lookup import UnknownNameError
from keywright.assembly.templates.reader import read_accounts
from keywright.assembly.templates.template import Assembly
from keywright.cli import terminal
from keywright.cli.formats import ReportFormat
from keywright.reasoning.escalation.paths import (
    ADMINISTRATOR,
    Escalates,
    EscalationPath,
    EscalationResult,
    IsAdministrator,
    NoEscalation,
    UndecidedEscalation,
)
from keywright.reporting.text import printable

HOLDS_ALREADY = "nothing: it may do everything already"


def escalating(inputs: list[Path], excepted: list[str], today: date, form: ReportFormat) -> int:
    """Tell how everybody of some assemblies stands, and give the exit code."""
    assemblies = [(path, read_accounts([path])) for path in inputs]
    findings = [finding for _, assembly in assemblies for finding in assembly.findings]
    noon = datetime.combine(today, time(12), UTC)
    everyone = [each for path, assembly in assemblies for each in _standings(path, assembly, noon)]
    try:
        results = _without(everyone, excepted)
    except UnknownNameError as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    for finding in findings:
        print(printable(str(finding)), file=sys.stderr)
    if form is ReportFormat.JSON:
        print(json.dumps(as_json(results), indent=2))
    else:
        print(as_text(results, colour=terminal.colours_wanted()))
    return 2 if findings else exit_code([standing for _, standing in results])


def _standings(path: Path, assembly: Assembly, now: datetime) -> list[tuple[str, EscalationResult]]:
    """Pair each standing with its template: as it was given, where it was given alone."""
    alone = path.is_file() and len(assembly.templates) == 1
    return [
        (str(path) if alone else standing.actor.origin, standing)
        for standing in escalation_results(assembly, now)
    ]


def _without(
    results: list[tuple[str, EscalationResult]], excepted: list[str]
) -> list[tuple[str, EscalationResult]]:
    """Leave out some principals, named as declared or by ARN.

    Raises:
        UnknownNameError: Nobody is named so.
    """
    named = {name for _, each in results for name in (each.actor.name, each.actor.arn)}
    for name in excepted:
        if name not in named:
            raise UnknownNameError("principal", name, sorted({each.actor.name for _, each in results}))
    return [each for each in results if not {each[1].actor.name, each[1].actor.arn} & set(excepted)]


def exit_code(results: list[EscalationResult]) -> int:
    """Give 1 when somebody has a path, or everything already; 3 when somebody might; 0 else."""
    if any(isinstance(each, Escalates | IsAdministrator) for each in results):
        return 1
    return 3 if any(isinstance(each, UndecidedEscalation) for each in results) else 0


def as_json(results: list[tuple[str, EscalationResult]]) -> dict[str, Any]:
    """Give every path as data; who holds everything has a path without steps."""
    paths: list[dict[str, Any]] = []
    undecided: list[dict[str, Any]] = []
    for template, standing in results:
        who = {"template": template, "principal": _principal(standing)}
        match standing:
            case Escalates(paths=found, unfinished=unfinished):
                paths += [who | {"via": list(path.via), "to": path.to, "needs": path.needs} for path in found]
                undecided += [who | {"because": list(unfinished)}] if unfinished else []
            case IsAdministrator():
                paths.append(who | {"via": ["*"], "to": ADMINISTRATOR, "needs": HOLDS_ALREADY})
            case UndecidedEscalation(because=because):
                undecided.append(who | {"because": list(because)})
            case NoEscalation():
                pass
    return {"paths": paths, "undecided": undecided}


def _principal(standing: EscalationResult) -> str:
    """Name somebody by ARN, or as declared where the ARN is known only at deployment."""
    return standing.actor.name if "<" in standing.actor.arn else standing.actor.arn


def as_text(results: list[tuple[str, EscalationResult]], *, colour: bool) -> str:
    """Write a paragraph for each that is not contained, and one line about all."""
    paragraphs = [
        _paragraph(*each, colour=colour) for each in results if not isinstance(each[1], NoEscalation)
    ]
    return "\n\n".join([*paragraphs, _summary([standing for _, standing in results])])


def _paragraph(template: str, standing: EscalationResult, *, colour: bool) -> str:
    actor = standing.actor
    names = [
        _styled(printable(actor.name), colour=colour),
        *([] if "<" in actor.arn else [printable(actor.arn)]),
    ]
    return "\n".join([" ".join([*names, f"({printable(template)})"]), *map(printable, _lines(standing))])


def _styled(name: str, *, colour: bool) -> str:
    return typer.style(name, bold=True) if colour else name


def _lines(standing: EscalationResult) -> list[str]:
    match standing:
        case Escalates(paths=paths, unfinished=unfinished):
            lines = [line for path in paths for line in _path_lines(path)]
            return [*lines, *(f"  undecided whether more: {each}" for each in unfinished)]
        case IsAdministrator():
            return ["  is an administrator already"]
        case UndecidedEscalation(because=because):
            return [f"  undecided: {each}" for each in because]
        case _:
            return []


def _path_lines(path: EscalationPath) -> list[str]:
    steps = ", then ".join(" + ".join(step.technique.actions) for step in path.steps)
    which = ", an administrator" if path.reaches_administrator and path.to != ADMINISTRATOR else ""
    lines = [f"  → {path.to}{which}", f"    by {steps}: {path.steps[-1].technique.title}"]
    return [*lines, f"    needs {path.needs}"] if path.needs else lines


def _summary(results: list[EscalationResult]) -> str:
    paths = sum(len(each.paths) for each in results if isinstance(each, Escalates))
    counted = {
        "can escalate": sum(isinstance(each, Escalates) for each in results),
        "hold everything already": sum(isinstance(each, IsAdministrator) for each in results),
        "undecided": sum(_is_undecided(each) for each in results),
        "go no further": sum(isinstance(each, NoEscalation) for each in results),
    }
    told = " · ".join(f"{number} {what}" for what, number in counted.items() if number) or "nobody acts here"
    return f"{paths} path{'' if paths == 1 else 's'}: {told}"


def _is_undecided(standing: EscalationResult) -> bool:
    return isinstance(standing, UndecidedEscalation) or (
        isinstance(standing, Escalates) and bool(standing.unfinished)
    )
