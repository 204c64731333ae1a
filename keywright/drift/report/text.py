"""The report for people, as plain text or as Markdown: who can do more first, with a request that shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.drift.result import Direction
from keywright.reporting.text import WHOLE, counted, joined
from keywright.review.report.wording import Detail, Wording, code, prose, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.drift.result import Difference, Drift, DriftReport
    from keywright.review.result import Change

_BOLD = re.compile(r"(?P<code>(?<!`)(?P<fence>`+)(?!`).+?(?<!`)(?P=fence)(?!`))|\*\*")
"""A code span, which stays, or the mark of bold text."""
_MOST_AFFECTED = 5
_NOTE = (
    "A deployment of the same templates undoes nothing of this: CloudFormation compares templates with templates, not with the "
    "account. `npx cdk deploy --revert-drift` restores what the templates set, and leaves what they do not mention."
)
_PENDING = "its template was edited after the last deployment: the next deployment changes it, which may be all that differs"


def render_markdown(report: DriftReport) -> str:
    """Write the report as Markdown."""
    lines = [f"### Drift of account {code(report.account)}: {verdict(report)}", ""]
    wording = Wording(report.names)
    for direction in Direction:
        drifts = report.of(direction)
        if not drifts:
            continue
        lines += [f"**{direction.value}** ({len(drifts)})", ""]
        for each in drifts:
            lines += _drift(each, wording, is_short=direction is Direction.SAME)
        lines.append("")
    if report.undecided:
        lines += [f"**{Direction.UNDECIDED.value}, not compared** ({len(report.undecided)})", ""]
        lines += [f"- {reason(each)}" for each in report.undecided]
        lines.append("")
    if any(not each.is_pending for each in report.certain):
        lines += [_NOTE, ""]
    lines += [f"{prose(each)}" for each in report.notes]
    lines.append(numbers(report))
    return "\n".join(lines).rstrip() + "\n"


def render_text(report: DriftReport) -> str:
    """Write the report for a terminal."""
    text = render_markdown(report).removeprefix("### ")
    return _BOLD.sub(lambda found: found["code"] or "", text)


def verdict(report: DriftReport) -> str:
    """Say in one line whether there is drift."""
    found = [
        f"{len(several)} {_VERDICTS[direction] if len(several) > 1 else _SINGULAR[direction]}"
        for direction in Direction
        if (several := report.of(direction))
    ]
    if found:
        return joined(found)
    return (
        f"**undecided** in {counted(len(report.undecided), 'question')}" if report.undecided else "**none**"
    )


_SINGULAR = {each: each.value for each in Direction}
_VERDICTS = {
    Direction.MORE: "can do more",
    Direction.LIMIT: "are no longer limited",
    Direction.UNDECLARED: "are not declared",
    Direction.UNDECIDED: "undecided",
    Direction.LESS: "can do less",
    Direction.SAME: "differ without a change of access",
}


def numbers(report: DriftReport) -> str:
    """Write how much was compared."""
    same = (
        f", {report.rewritten} of them written in other words with the same access (proved)"
        if report.rewritten
        else ""
    )
    things = counted(report.compared, "declared identity or policy", "declared identities and policies")
    when = f", with the account as of {report.read_at}" if report.read_at else ""
    return f"{things} compared{same}{when}"


def _drift(drift: Drift, wording: Wording, *, is_short: bool) -> Iterator[str]:
    place = f" ({code(drift.declared)})" if drift.declared else ""
    if is_short and len(drift.differences) == 1 and not drift.is_pending:
        yield f"- {code(drift.name)}{place} {_message(drift.differences[0])}"
        yield from _advice(drift.differences[0], "  ")
        return
    yield f"- {code(drift.name)}{place}"
    for each in drift.differences:
        yield f"  - {_message(each)}"
        yield from _advice(each, "    ")
    for change in drift.changes:
        yield from _change(change, wording)
    if drift.is_pending and not any(
        each.repair.startswith("the next deployment") for each in drift.differences
    ):
        yield f"  - {_PENDING}"
    if drift.affects:
        yield f"  - this affects {joined(map(code, drift.affects), 'and', most=_MOST_AFFECTED)}"
    for doubt in drift.undecided:
        yield f"  - undecided: {reason(doubt)}"


def _message(difference: Difference) -> str:
    parts = [prose(difference.message)]
    if difference.found:
        parts.append(f"found {prose(difference.found)}")
    if difference.accepted:
        parts.append(f"declared: {prose(difference.accepted)}")
    return "; ".join(parts)


def _advice(difference: Difference, indent: str) -> Iterator[str]:
    if difference.repair:
        yield f"{indent}to undo it: {_spans(difference.repair)}"
    if difference.keep:
        yield f"{indent}to keep it: {_spans(difference.keep)}"


def _spans(text: str) -> str:
    """Write a sentence with its quoted parts as code spans, whole."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return code(text.replace("`", "'"), WHOLE)
    return "".join(code(each, WHOLE) if index % 2 else each for index, each in enumerate(parts))


def _change(change: Change, wording: Wording) -> Iterator[str]:
    """Write what is gained and lost, each with a request that shows it."""
    for is_gain in (True, False):
        if change.gains if is_gain else change.losses:
            for line in wording.change(change, is_gain=is_gain, detail=Detail.EXAMPLE).splitlines():
                yield f"  {line}"
