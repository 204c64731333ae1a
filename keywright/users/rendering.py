"""The plan to fewer users as text, Markdown and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.reporting.text import counted, joined, on_one_line, quoted
from keywright.users.judging import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.users.plan import Entry, Plan

_TO = {
    Step.REMOVE: "remove",
    Step.IDENTITY_CENTER: "replace by IAM Identity Center",
    Step.ROLE: "replace by a role",
    Step.KEEP: "keep for now",
}
_THINGS = {"permission_sets": "permission set", "workloads": "workload", "roles": "role"}
_ORDER = (
    "For each: declare and deploy the replacement; sign in with it, or run the software with it; then set `retiring` on the "
    "user; weeks later, remove it."
)


def as_text(plan: Plan) -> str:
    """Write the plan for a terminal."""
    lines = [_head(plan)]
    for number, entry in enumerate(plan.entries, 1):
        lines += ["", f"{number}. {on_one_line(entry.user.name)}: {_what(entry)}"]
        lines += [f"   {label}: {on_one_line(text)}" for label, text in _details(entry)]
    if plan.declarations:
        lines += ["", "declare, in any file of the folder:", "", plan.declarations, "", _ORDER]
    return "\n".join(lines)


def as_markdown(plan: Plan) -> str:
    """Write the plan for an issue or a page."""
    lines = ["# Fewer IAM users", "", _head(plan), ""]
    if plan.entries:
        lines += ["| # | user | step | risk | effort | why |", "|---|---|---|---|---|---|"]
    for number, entry in enumerate(plan.entries, 1):
        why = _cell(joined(entry.risk.reasons) or "-")
        lines.append(
            f"| {number} | {_code(entry.user.name)} | {_TO[entry.step]} | {entry.risk} | {entry.effort} | {why} |"
        )
    for entry in plan.entries:
        lines += ["", f"## {_cell(entry.user.name)}", ""]
        lines += [f"- {label}: {_cell(text)}" for label, text in _details(entry)]
    if plan.declarations:
        lines += ["", "## Declarations", "", _ORDER, "", "```yaml", plan.declarations, "```"]
    return "\n".join(lines)


def as_json(plan: Plan) -> dict[str, Any]:
    """Give the plan as data."""
    return {
        "account": plan.account,
        "today": plan.today.isoformat(),
        "users": [_entry(each) for each in plan.entries],
        "declarations": plan.declarations,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "user": entry.user.name,
        "arn": str(entry.user.arn),
        "kind": "person" if entry.kind.is_person else "application",
        "evidence": [*entry.kind.evidence],
        "step": str(entry.step),
        "because": [*entry.because],
        "risk": str(entry.risk.level),
        "risk_at_most": str(entry.risk.at_most),
        "reasons": [*entry.risk.reasons],
        "unknown": [*entry.risk.unknown],
        "effort": str(entry.effort),
        "replacement": {"section": entry.section, "name": entry.name} if entry.section else None,
        "before": [*entry.before],
        "not_carried_over": [*entry.missing],
        "not_needed": [*entry.dropped],
    }


def _head(plan: Plan) -> str:
    steps = plan.steps
    numbers = [f"{_TO[step]}: {steps[step]}" for step in Step if steps[step]]
    return f"account {plan.account} on {plan.today}: {counted(len(plan.entries), 'user')}; {joined(numbers, none='none to replace')}"


def _what(entry: Entry) -> str:
    return f"{_TO[entry.step]}; risk {entry.risk}; {entry.effort}"


def _details(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.step in {Step.REMOVE, Step.KEEP}:
        yield "because", "; ".join(entry.because)
    else:
        what = "a person" if entry.kind.is_person else "an application"
        yield what, "; ".join(entry.because) or "nothing but its name tells"
    if entry.risk.reasons:
        yield "risk", "; ".join(entry.risk.reasons)
    if entry.risk.unknown:
        yield "unknown", "; ".join(entry.risk.unknown)
    if entry.section:
        yield "declare", f"{_THINGS[entry.section]} {quoted(entry.name)}"
    elif entry.step is Step.REMOVE:
        yield "declare", "`retiring: {since, because}` on the user; weeks later, remove it"
    yield from (("first", each) for each in entry.before)
    yield from (("not carried over", each) for each in entry.missing)
    yield from (("not needed", each) for each in entry.dropped)


def _cell(text: str) -> str:
    """Write a text that Markdown does not act on, other than in backticks."""
    plain = on_one_line(text)
    return "".join(f"\\{each}" if each in "\\|<>[]*_#" else each for each in plain)


def _code(text: str) -> str:
    return f"`{on_one_line(text).replace('|', chr(92) + '|').replace('`', chr(39))}`"
