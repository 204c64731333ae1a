"""Edits of a text by line and column, and unified diffs that `patch` and `git apply` accept."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

from keywright.assembly.sources.source import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.reporting.finding import Fix


def apply_edits(text: str, fixes: Iterable[Fix]) -> str:
    """Apply edits that do not overlap."""
    lines = Lines.of(text)
    edits = sorted(
        (
            (lines.offset(each.start), lines.offset(each.end), each.text)
            for fix in fixes
            for each in fix.edits
        ),
        reverse=True,
    )
    for start, end, new in edits:
        text = f"{text[:start]}{new}{text[end:]}"
    return text


def edits_overlap(one: Fix, other: Fix) -> bool:
    """Return whether two fixes edit the same characters, or insert at the same place."""
    return any(
        a.start.file == b.start.file and ((a.start < b.end and b.start < a.end) or a.start == b.start)
        for a in one.edits
        for b in other.edits
    )


def render_diff(file: str, before: str, after: str) -> str:
    """Write the difference; "" where there is none."""
    lines = unified_diff(_lines_with_ends(before), _lines_with_ends(after), f"a/{file}", f"b/{file}")
    return "".join(
        each if each.endswith("\n") else f"{each}\n\\ No newline at end of file\n" for each in lines
    )


def _lines_with_ends(text: str) -> list[str]:
    """Part a text at its line feeds alone, as these tools do."""
    parts = text.split("\n")
    return [f"{each}\n" for each in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
