"""A report for people at a terminal: a table of all controls, then what stands behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.compliance.answer import Status
from keywright.compliance.report import ORDER, SCOPE
from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.compliance.answer import Judged
    from keywright.compliance.report import Report

_STATUS = max(len(status) for status in Status)
_WHAT = 9
"""How wide the words before the details are."""


def as_text(report: Report) -> str:
    """Write it; lines are as long as what they say."""
    lines = [report.framework.label, f"{', '.join(report.of)} on {report.today}", ""]
    lines += [_row(each) for each in report.controls]
    for status in ORDER:
        standing = report.standing(status)
        if standing:
            lines += ["", f"{status}:", *(line for each in standing for line in _details(each))]
    return "\n".join([*lines, "", SCOPE, report.counted])


def _row(judged: Judged) -> str:
    control = judged.control
    return f"  {control.id:<5} {judged.status:<{_STATUS}}  {control.title}"


def _details(judged: Judged) -> Iterator[str]:
    control, answer = judged.control, judged.answer
    yield f"  {control.id} {control.title}"
    for gap in answer.gaps:
        yield from _line("gap", f"{gap.location}: {gap.message}{f'; found {gap.found}' if gap.found else ''}")
        if gap.accepted:
            yield from _line("way on", gap.accepted)
    for kind, texts in (("unsure", answer.doubts), ("but", answer.limits)):
        for each in texts:
            yield from _line(kind, each)
    for by in answer.by:
        yield from _line("by", f"{by.what} at {by.location}" if by.location else by.what)
    for each in answer.evidence:
        yield from _line("evidence", each)
    if control.why and judged.status is Status.BY_HAND:
        yield from _line("why", control.why)
    if judged.status not in {Status.ENFORCED, Status.DECLARED, Status.NOT_MET}:
        yield from _line("look", control.by_hand.command)
        yield from _line("see", control.by_hand.seen)
        yield from _line("console", control.by_hand.console)


def _line(kind: str, text: str) -> Iterator[str]:
    yield f"    {kind:<{_WHAT}} {on_one_line(text)}"
