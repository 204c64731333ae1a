"""What to retire, as text, Markdown and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keywright.reporting.markdown import markdown_code, markdown_text
from keywright.reporting.text import counted, joined, printable
from keywright.retire.proposals import Proposal, Proposals, Step, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADINGS = {
    Step.DENY: "Unused: deny everything now, delete later",
    Step.DEACTIVATE: "Unused access keys: deactivate now, delete later",
    Step.DELETE: "Retired, and not used since: delete",
}
_LISTS = (
    ("returned", "Used although it is retiring"),
    ("kept", "Unused and kept"),
)
MOST_KEPT = 20
"""How many of what is kept or undecided a report for people shows; JSON has all."""


def as_text(found: Proposals, account: str) -> str:
    """Write a paragraph for each step and list, then the counts."""
    blocks = [
        "\n".join([heading, *(line for each in found.proposed if each.step is step for line in _lines(each))])
        for step, heading in HEADINGS.items()
        if any(each.step is step for each in found.proposed)
    ]
    for name, heading in _LISTS:
        items = [f"  {each.subject}: {each.because}" for each in getattr(found, name)]
        blocks += ["\n".join([heading, *_shortened(items)])] if items else []
    unknown = [f"  {each.subject}: {'; '.join(each.reasons)}" for each in found.unknown]
    blocks += ["\n".join(["Undecided", *_shortened(unknown)])] if unknown else []
    return printable("\n\n".join([*blocks, f"account {account} {_period(found)}: {summary(found)}"]))


def _period(found: Proposals) -> str:
    return f"from {found.since.date()} to {found.read_at.date()}"


def _lines(proposal: Proposal) -> Iterator[str]:
    yield f"  {proposal.subject}"
    yield f"    {'; '.join(proposal.evidence)}"
    if proposal.takes:
        yield f"    takes with it {joined(proposal.takes, 'and')}"
    yield f"    at {proposal.location}{'' if proposal.edits else ', not declared'}"
    if proposal.command:
        yield f"    run: {proposal.command}"


def _told(proposal: Proposal) -> tuple[str, ...]:
    takes = (f"takes with it {joined(proposal.takes, 'and')}",) if proposal.takes else ()
    return (*proposal.evidence, *takes)


def _shortened(items: list[str]) -> list[str]:
    rest = len(items) - MOST_KEPT
    return (
        [*items[:MOST_KEPT], f"  and {counted(rest, 'more', 'more')}, see --format json"]
        if rest > 0
        else items
    )


def as_markdown(found: Proposals, account: str) -> str:
    """Write a table for each step and list."""
    lines = [f"# Unused access in account {account}", "", f"{_period(found).capitalize()}: {summary(found)}."]
    for step, heading in HEADINGS.items():
        rows = [
            f"| {markdown_code(each.subject)} | {markdown_text('; '.join(_told(each)))} | {markdown_code(str(each.location))} |"
            for each in found.proposed
            if each.step is step
        ]
        lines += (
            ["", f"## {heading}", "", "| what | evidence | where |", "|---|---|---|", *rows] if rows else []
        )
    for name, heading in _LISTS:
        rows = [
            f"- {markdown_code(each.subject)}: {markdown_text(each.because)}" for each in getattr(found, name)
        ]
        lines += ["", f"## {heading}", "", *rows] if rows else []
    rows = [
        f"- {markdown_code(each.subject)}: {markdown_text('; '.join(each.reasons))}" for each in found.unknown
    ]
    lines += ["", "## Undecided", "", *rows] if rows else []
    return "\n".join(lines)


def as_json(found: Proposals, account: str, diff: str) -> str:
    """Write one JSON object; `diff` is the edit of the declarations."""
    document: dict[str, Any] = {
        "account": account,
        "from": found.since.isoformat(),
        "to": found.read_at.isoformat(),
        "proposed": [
            {
                "subject": each.subject,
                "step": str(each.step),
                "evidence": list(each.evidence),
                "takes": list(each.takes),
                "declared": bool(each.edits),
                "command": each.command,
                "file": each.location.file,
                "line": each.location.line,
                "column": each.location.column,
            }
            for each in found.proposed
        ],
        **{
            name: [{"subject": each.subject, "because": each.because} for each in getattr(found, name)]
            for name, _ in _LISTS
        },
        "undecided": [{"subject": each.subject, "reasons": list(each.reasons)} for each in found.unknown],
        "in_use": found.in_use,
        "too_new": found.too_new,
        "diff": diff,
    }
    return json.dumps(document, indent=1)
