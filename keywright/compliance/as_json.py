"""A report as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keywright.compliance.answer import Judged
    from keywright.compliance.report import Report
    from keywright.reporting.finding import Location


def as_json(report: Report) -> dict[str, Any]:
    """Return the whole report."""
    framework = report.framework
    return {
        "framework": {"name": framework.name, "version": framework.version, "section": framework.section},
        "of": list(report.of),
        "today": report.today.isoformat(),
        "controls": [_control(each) for each in report.controls],
    }


def _control(judged: Judged) -> dict[str, Any]:
    control, answer = judged.control, judged.answer
    return {
        "id": control.id,
        "title": control.title,
        "level": control.level,
        "status": str(judged.status),
        "enforced_by": [{"what": each.what, **_place(each.location)} for each in answer.by],
        "evidence": list(answer.evidence),
        "gaps": [
            {
                "message": each.message,
                "found": each.found,
                "accepted": each.accepted,
                "rule": each.rule,
                **_place(each.location),
            }
            for each in answer.gaps
        ],
        "limits": list(answer.limits),
        "undecided": list(answer.doubts),
        "why": control.why,
        "by_hand": asdict(control.by_hand),
    }


def _place(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {}
    return {"file": location.file, "line": location.line, "column": location.column}
