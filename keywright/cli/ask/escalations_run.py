"""The work of `keywright escalations`."""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typer

from keywright.assembly.queries.environments import escalation_results
from keywright.assembly.queries.lookup import UnknownNameError
from keywright.assembly.templates.reader import read_accounts
from keywright.assembly.templates.template import Assembly
from keywright.cli.errors import CommandError
from keywright.cli.formats import ReportFormat
from keywright.cli.terminal import colours_wanted, print_error
from keywright.reasoning.escalation.paths import (
    ADMINISTRATOR,
    Escalates,
    EscalationPath,
    EscalationResult,
    IsAdministrator,
    NoEscalation,
    UndecidedEscalation,
)
from keywright.reporting.exit_codes import exit_code_for
from keywright.reporting.text import counted, printable

_NEEDS_NOTHING = "nothing: it can already do everything"


def find_escalations(inputs: list[Path], excepted: list[str], today: date, form: ReportFormat) -> int:
    """Print the escalation paths of everybody in some assemblies, and give the exit code."""
    assemblies = [(path, read_accounts([path])) for path in inputs]
    findings = [finding for _, assembly in assemblies for finding in assembly.findings]
    # A date condition is compared with an instant; noon keeps clear of both ends of the day.
    noon = datetime.combine(today, time(12), UTC)
    everyone = [each for path, assembly in assemblies for each in _results(path, assembly, noon)]
    try:
        results = _without(everyone, excepted)
    except UnknownNameError as error:
        raise CommandError(error) from error
    print_error(*findings)
    if form is ReportFormat.JSON:
        print(json.dumps(as_json(results), indent=2))
    else:
        print(as_text(results, colour=colours_wanted()))
    return exit_code_for(
        unusable=findings,
        findings=any(isinstance(each, Escalates | IsAdministrator) for _, each in results),
        undecided=any(isinstance(each, UndecidedEscalation) for _, each in results),
    )


def _results(path: Path, assembly: Assembly, now: datetime) -> list[tuple[str, EscalationResult]]:
    """Pair each result with its template, named as it was given on the command line if it is one file."""
    alone = path.is_file() and len(assembly.templates) == 1
    return [
        (str(path) if alone else result.actor.origin, result) for result in escalation_results(assembly, now)
    ]


def _without(
    results: list[tuple[str, EscalationResult]], excepted: list[str]
) -> list[tuple[str, EscalationResult]]:
    """Leave out some principals, named as declared or by ARN.

    Raises:
        UnknownNameError: No principal has such a name.
    """
    named = {name for _, each in results for name in (each.actor.name, each.actor.arn)}
    for name in excepted:
        if name not in named:
            raise UnknownNameError("principal", name, sorted({each.actor.name for _, each in results}))
    return [each for each in results if not {each[1].actor.name, each[1].actor.arn} & set(excepted)]


def as_json(results: list[tuple[str, EscalationResult]]) -> dict[str, Any]:
    """Give every path as data; an administrator has a path without steps."""
    paths: list[dict[str, Any]] = []
    undecided: list[dict[str, Any]] = []
    for template, result in results:
        who = {"template": template, "principal": _principal(result)}
        match result:
            case Escalates(paths=found, unfinished=unfinished):
                paths += [who | {"via": list(path.via), "to": path.to, "needs": path.needs} for path in found]
                undecided += [who | {"because": list(unfinished)}] if unfinished else []
            case IsAdministrator():
                paths.append(who | {"via": ["*"], "to": ADMINISTRATOR, "needs": _NEEDS_NOTHING})
            case UndecidedEscalation(because=because):
                undecided.append(who | {"because": list(because)})
            case NoEscalation():
                pass
    return {"paths": paths, "undecided": undecided}


def _principal(result: EscalationResult) -> str:
    """Name a principal by its ARN, or as declared where the ARN is known only at deployment."""
    return result.actor.name if "<" in result.actor.arn else result.actor.arn


def as_text(results: list[tuple[str, EscalationResult]], *, colour: bool) -> str:
    """Write a paragraph for each principal that can escalate or may, and a summary."""
    paragraphs = [
        _paragraph(*each, colour=colour) for each in results if not isinstance(each[1], NoEscalation)
    ]
    return "\n\n".join([*paragraphs, _summary([result for _, result in results])])


def _paragraph(template: str, result: EscalationResult, *, colour: bool) -> str:
    actor = result.actor
    name = typer.style(printable(actor.name), bold=True) if colour else printable(actor.name)
    arn = "" if "<" in actor.arn else f" {printable(actor.arn)}"
    return "\n".join([f"{name}{arn} ({printable(template)})", *map(printable, _lines(result))])


def _lines(result: EscalationResult) -> list[str]:
    match result:
        case Escalates(paths=paths, unfinished=unfinished):
            lines = [line for path in paths for line in _path_lines(path)]
            return [*lines, *(f"  undecided, possibly more: {each}" for each in unfinished)]
        case IsAdministrator():
            return ["  is already an administrator"]
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
    escalating, administrators, contained = (
        sum(isinstance(each, kind) for each in results) for kind in (Escalates, IsAdministrator, NoEscalation)
    )
    undecided = sum(map(_is_undecided, results))
    numbers = {
        f"{escalating} can escalate": escalating,
        counted(administrators, "administrator"): administrators,
        f"{undecided} undecided": undecided,
        f"{contained} cannot escalate": contained,
    }
    summary = " · ".join(text for text, number in numbers.items() if number)
    return f"{counted(paths, 'path')}: {summary or 'no principals'}"


def _is_undecided(result: EscalationResult) -> bool:
    return isinstance(result, UndecidedEscalation) or (
        isinstance(result, Escalates) and bool(result.unfinished)
    )
