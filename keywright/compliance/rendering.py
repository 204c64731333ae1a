"""Compliance reports as text, JSON and Markdown."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from keywright.compliance.report import ORDER, SCOPE, Status
from keywright.reporting.markdown import markdown_code, markdown_text
from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.compliance.report import ControlResult, Report
    from keywright.reporting.finding import Location


_STATUS = max(len(status) for status in Status)
_WHAT = 9
"""Width of the labels of details."""


def as_text(report: Report) -> str:
    """Write a table of all controls, then the details of each, grouped by status."""
    lines = [report.framework.label, f"{', '.join(report.of)} on {report.today}", ""]
    lines += [_text_row(each) for each in report.controls]
    for status in ORDER:
        with_status = report.with_status(status)
        if with_status:
            lines += ["", f"{status}:", *(line for each in with_status for line in _text_details(each))]
    return "\n".join([*lines, "", SCOPE, report.summary])


def _text_row(result: ControlResult) -> str:
    control = result.control
    return f"  {control.id:<5} {result.status:<{_STATUS}}  {control.title}"


def _text_details(result: ControlResult) -> Iterator[str]:
    control, assessment = result.control, result.assessment
    yield f"  {control.id} {control.title}"
    for gap in assessment.gaps:
        yield from _text_line(
            "gap", f"{gap.location}: {gap.message}{f'; found {gap.found}' if gap.found else ''}"
        )
        if gap.accepted:
            yield from _text_line("remedy", gap.accepted)
    for kind, texts in (("undecided", assessment.undecided), ("limit", assessment.limits)):
        for each in texts:
            yield from _text_line(kind, each)
    for enforced_by in assessment.enforced_by:
        yield from _text_line(
            "by",
            f"{enforced_by.what} at {enforced_by.location}" if enforced_by.location else enforced_by.what,
        )
    for each in assessment.evidence:
        yield from _text_line("evidence", each)
    if control.why and result.status is Status.BY_HAND:
        yield from _text_line("why", control.why)
    if result.status not in {Status.ENFORCED, Status.DECLARED, Status.NOT_MET}:
        yield from _text_line("check", control.by_hand.command)
        yield from _text_line("expected", control.by_hand.seen)
        yield from _text_line("console", control.by_hand.console)


def _text_line(kind: str, text: str) -> Iterator[str]:
    yield f"    {kind:<{_WHAT}} {on_one_line(text)}"


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as a JSON object."""
    framework = report.framework
    return {
        "framework": {"name": framework.name, "version": framework.version, "section": framework.section},
        "of": list(report.of),
        "today": report.today.isoformat(),
        "controls": [_json_control(each) for each in report.controls],
    }


def _json_control(result: ControlResult) -> dict[str, Any]:
    control, assessment = result.control, result.assessment
    return {
        "id": control.id,
        "title": control.title,
        "level": control.level,
        "status": str(result.status),
        "enforced_by": [{"what": each.what, **_json_place(each.location)} for each in assessment.enforced_by],
        "evidence": list(assessment.evidence),
        "gaps": [
            {
                "message": each.message,
                "found": each.found,
                "accepted": each.accepted,
                "rule": each.rule,
                **_json_place(each.location),
            }
            for each in assessment.gaps
        ],
        "limits": list(assessment.limits),
        "undecided": list(assessment.undecided),
        "why": control.why,
        "by_hand": asdict(control.by_hand),
    }


def _json_place(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {}
    return {"file": location.file, "line": location.line, "column": location.column}


def as_markdown(report: Report) -> str:
    """Write a table of all controls, and a section for each."""
    head = [
        f"# {report.framework.label}",
        "",
        f"Of {', '.join(f'`{each}`' for each in report.of)} on {report.today}: {report.summary}.",
        SCOPE,
        "",
        "| control | level | | status |",
        "|---|---|---|---|",
    ]
    rows = [_markdown_row(each) for each in report.controls]
    sections = [line for each in report.controls for line in _markdown_section(each)]
    return "\n".join([*head, *rows, *sections])


def _markdown_row(result: ControlResult) -> str:
    control = result.control
    return f"| {control.id} | {control.level} | {markdown_text(control.title)} | **{result.status}** |"


def _markdown_section(result: ControlResult) -> Iterator[str]:
    control, assessment = result.control, result.assessment
    yield from ("", f"## {control.id} {markdown_text(control.title)}", "", f"**{result.status}**", "")
    for gap in assessment.gaps:
        found = f"; found {gap.found}" if gap.found else ""
        accepted = f"; accepted: {gap.accepted}" if gap.accepted else ""
        yield _markdown_item("Gap", f"{gap.message}{found}{accepted}", str(gap.location))
    yield from (_markdown_item("Undecided", each) for each in assessment.undecided)
    yield from (_markdown_item("Limit", each) for each in assessment.limits)
    yield from (
        _markdown_item("Enforced by", each.what, str(each.location or "")) for each in assessment.enforced_by
    )
    yield from (_markdown_item("Evidence", each) for each in assessment.evidence)
    if control.why:
        yield _markdown_item("Why no template shows it", control.why)
    by_hand = control.by_hand
    yield f"- In the account: {markdown_code(by_hand.command)} shows {markdown_text(by_hand.seen)}. Console: {by_hand.console}"


def _markdown_item(kind: str, text: str, place: str = "") -> str:
    return f"- {kind}: {markdown_text(text)}{f' ({markdown_code(place)})' if place else ''}"
