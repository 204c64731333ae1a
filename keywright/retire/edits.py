"""The edits of declarations that a proposal asks for: written whole or not at all, and valid afterwards."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from keywright.model.edited_files import EditedFile, text_of
from keywright.model.source.yaml_edits import Drop, UneditableError, edited
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.retire.proposals import Proposal


def edited_files(proposed: Iterable[Proposal]) -> tuple[tuple[EditedFile, ...], tuple[Finding, ...]]:
    """Apply the edits of proposals to the texts of their files; what has another layout is a finding.

    Removals come last and from the end of a list, so that no path of another edit changes.
    """
    by_file: dict[str, list[Proposal]] = {}
    for each in proposed:
        if each.edits:
            by_file.setdefault(each.location.file, []).append(each)
        for file, edit in each.elsewhere:
            by_file.setdefault(file, []).append(replace(each, edits=(edit,), elsewhere=()))
    files, findings = [], []
    for name, several in by_file.items():
        path = Path(name)
        mark, text = text_of(path)
        before = mark + text
        text, refused = _edited(text, sorted(several, key=_order))
        findings += [
            Finding(
                each.location,
                f"`{each.subject}` can't be edited here",
                found="another layout",
                accepted="each key on lines of its own",
            )
            for each in refused
        ]
        if mark + text != before:
            files.append(EditedFile(path, before, mark + text))
    return tuple(files), tuple(findings)


def _edited(text: str, several: list[Proposal]) -> tuple[str, list[Proposal]]:
    """Apply the edits at once, which takes a parse for all; where the layout of one refuses it, one after the other."""
    with suppress(UneditableError):
        return edited(text, [edit for each in several for edit in each.edits]), []
    refused = []
    for each in several:
        try:
            text = edited(text, each.edits)
        except UneditableError:
            refused.append(each)
    return text, refused


def _order(proposal: Proposal) -> tuple[bool, int]:
    last = proposal.edits[-1].path[-1]
    return isinstance(proposal.edits[-1], Drop), -last if isinstance(last, int) else 0
