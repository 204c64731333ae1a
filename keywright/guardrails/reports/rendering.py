"""Results as text, as JSON, and as annotations for GitHub workflows.

Findings can contain any text of a template, so control characters are escaped before they reach a terminal or a log.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from keywright.guardrails.exceptions.suggestion import suggestion
from keywright.reporting.finding import Finding, Fix, Location, Outcome, Severity
from keywright.reporting.text import counted, on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from keywright.guardrails.results import CheckResult, ExceptionNames
    from keywright.guardrails.verdict import Accepted, Verdict

UNDECIDED = "undecided"


def severity_label(finding: Finding) -> str:
    """Return a finding's severity, or that it is undecided."""
    return UNDECIDED if finding.outcome is Outcome.UNDECIDED else str(finding.severity)


def render_text(results: Sequence[CheckResult], today: date) -> str:
    """Write a paragraph for each template, then a summary line; `today` gives the end of the offered exceptions."""
    notes = [f"note: {_printable_finding(note)}" for each in results for note in each.notes]
    unusable = [str(_printable_finding(finding)) for each in results for finding in each.unusable]
    blocks = [block for each in results for block in _blocks(each.findings, each.names, today)]
    return "\n\n".join([*notes, *unusable, *blocks, _summary(results)])


def _blocks(findings: Iterable[Finding], names: ExceptionNames | None, today: date) -> list[str]:
    """Write a paragraph for each file; `names` adds to each finding the exception that accepts it."""
    return [
        "\n".join([printable(file), *(line for each in group for line in _lines(each, names, today))])
        for file, group in groupby(findings, lambda each: each.location.file)
    ]


def _printable_finding(finding: Finding) -> Finding:
    """Escape the control characters of a finding's texts."""
    return replace(
        finding,
        location=replace(finding.location, file=printable(finding.location.file)),
        message=printable(finding.message),
        found=printable(finding.found),
        accepted=printable(finding.accepted),
        resource=printable(finding.resource),
        path=printable(finding.path),
    )


def _lines(finding: Finding, names: ExceptionNames | None, today: date) -> Iterator[str]:
    yield from _finding_lines(_printable_finding(finding))
    if names:
        yield from (f"    {line}" for line in suggestion(finding, names, today))


def _finding_lines(finding: Finding) -> Iterator[str]:
    rule = f" {finding.rule}" if finding.rule else ""
    yield f"  {severity_label(finding)}{rule}: {finding.message}"
    yield f"    at {finding.location}{_place_names(finding)}"
    if finding.found:
        yield f"    found {finding.found}"
    if finding.accepted:
        yield f"    accepted: {finding.accepted}"
    if finding.fix:
        note = "; adds access, needs `--widening`" if finding.fix.widens else ""
        yield f"    fix: {printable(finding.fix.message)}{note}"
    for place in finding.see:
        yield f"    see {place}"


def _place_names(finding: Finding) -> str:
    names = [name for name in (finding.resource, finding.path and f"({finding.path})") if name]
    return f" in {' '.join(names)}" if names else ""


def summary_counts(results: Sequence[CheckResult]) -> dict[str, int]:
    """Count faults by severity, undecided and unusable findings, templates and resources."""
    faults = {f"{severity}s": sum(each.faults(severity) for each in results) for severity in Severity}
    faults["advice"] = faults.pop("advices")
    return {
        **faults,
        "undecided": sum(each.undecided for each in results),
        "unusable": sum(len(each.unusable) for each in results),
        "accepted": sum(each.accepted for each in results),
        "known": sum(each.known for each in results),
        "conventions": sum(each.conventions for each in results),
        "templates": sum(each.templates for each in results),
        "resources": sum(each.resources for each in results),
    }


def _summary(results: Sequence[CheckResult]) -> str:
    count = summary_counts(results)
    parts = [
        counted(count["errors"], "error"),
        counted(count["warnings"], "warning"),
        *([f"{count['advice']} advice"] if count["advice"] else []),
        f"{count['undecided']} undecided",
        *([f"{count['unusable']} unusable"] if count["unusable"] else []),
        *([f"{count['accepted']} accepted"] if count["accepted"] else []),
        *([f"{count['known']} in the baseline"] if count["known"] else []),
    ]
    looked = f"{counted(count['templates'], 'template')}, {counted(count['resources'], 'resource')}"
    left_out = (
        f"; {counted(count['conventions'], 'warning')} of `--profile strict` not shown"
        if count["conventions"]
        else ""
    )
    return f"{', '.join(parts)} in {looked}{left_out}"


def render_json(results: Sequence[CheckResult]) -> str:
    """Write one JSON object with `findings`, `unusable`, `notes` and `summary`."""
    document = {
        "findings": [as_json(finding) for each in results for finding in each.findings],
        "unusable": [as_json(finding) for each in results for finding in each.unusable],
        "notes": [printable(str(note)) for each in results for note in each.notes],
        "summary": summary_counts(results),
    }
    return json.dumps(document, indent=1)


def as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as a JSON object; an empty text means that a part is missing."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "outcome": str(finding.outcome),
        "message": finding.message,
        "found": finding.found,
        "accepted": finding.accepted,
        "resource": finding.resource,
        "path": finding.path,
        **_place(finding.location),
        "see": [_place(each) for each in finding.see],
        "fixes": [_fix(finding.fix)] if finding.fix else [],
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [
        {
            **_place(each.start),
            "end_line": each.end.line,
            "end_column": each.end.column,
            "text": each.text,
        }
        for each in fix.edits
    ]
    return {"message": fix.message, "widens": fix.widens, "edits": edits}


def _place(location: Location) -> dict[str, Any]:
    return {"file": location.file, "line": location.line, "column": location.column}


def render_github(results: Sequence[CheckResult]) -> str:
    """Write annotations ("Workflow commands for GitHub Actions"), then the summary line as plain text."""
    found = [finding for each in results for finding in (*each.unusable, *each.findings)]
    notes = [note for each in results for note in each.notes]
    return "\n".join([*map(_annotation, (*notes, *found)), _summary(results)])


def _annotation(finding: Finding) -> str:
    command = "notice" if finding.outcome is Outcome.UNDECIDED else _COMMANDS[finding.severity]
    place = [("file", finding.location.file)]
    if finding.location.line:
        place += [("line", str(finding.location.line)), ("col", str(finding.location.column))]
    title = [("title", finding.rule)] if finding.rule else []
    parts = [finding.message, *_labelled("found", finding.found), *_labelled("accepted:", finding.accepted)]
    properties = ",".join(f"{name}={_escaped(value, _OF_PROPERTIES)}" for name, value in (*place, *title))
    return printable(f"::{command} {properties}::{_escaped('; '.join(parts), _OF_MESSAGES)}")


_OF_MESSAGES = "%\r\n"
_OF_PROPERTIES = f"{_OF_MESSAGES}:,"
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def _labelled(word: str, value: str) -> Iterable[str]:
    return [f"{word} {value}"] if value else []


def _escaped(value: str, characters: str) -> str:
    return "".join(f"%{ord(each):02X}" if each in characters else each for each in value)


def printable(value: str) -> str:
    """Escape control characters and line ends."""
    return on_one_line(value, len(value))


def render_verdict(verdict: Verdict, today: date) -> str:
    """Write the findings of an assembly, then what was accepted and why."""
    stands = (*verdict.failures, *verdict.mistakes, *verdict.findings)
    blocks = _blocks((*verdict.failures, *verdict.mistakes), None, today)
    blocks += _blocks(verdict.findings, verdict.names, today)
    accepted = [
        f"  {line}" for each in verdict.accepted if each.by is not None for line in _accepted_line(each)
    ]
    if accepted:
        blocks.append("\n".join(["accepted by declared exceptions", *accepted]))
    by_construct = sum(each.by is None for each in verdict.accepted)
    parts = [
        counted(sum(severity_label(each) == "error" for each in stands), "error"),
        counted(sum(severity_label(each) == "warning" for each in stands), "warning"),
        f"{sum(severity_label(each) == UNDECIDED for each in stands)} undecided",
        f"{len(accepted)} accepted by declared exceptions",
        f"{by_construct} accepted by constructs",
    ]
    return "\n\n".join([*blocks, ", ".join(parts)])


def _accepted_line(accepted: Accepted) -> Iterator[str]:
    finding, by = accepted.finding, accepted.by
    found = f" {finding.found}" if finding.found else ""
    until = f" (until {by.until})" if by is not None else ""
    yield printable(f"{finding.rule}{found} on {finding.path or finding.resource}: {accepted.because}{until}")
