"""Edits of a text by line and column; all that lies between them stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources.source import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.reporting.finding import Fix


def edited(text: str, fixes: Iterable[Fix]) -> str:
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


def overlap(one: Fix, other: Fix) -> bool:
    """Tell whether two fixes touch the same characters, or write at the same place."""
    return any(
        a.start.file == b.start.file and ((a.start < b.end and b.start < a.end) or a.start == b.start)
        for a in one.edits
        for b in other.edits
    )
