"""The edits of declarations that a proposal asks for: written whole or not at all, and valid afterwards."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from keywright.model.reading import read
from keywright.model.source.yaml_edits import Drop, UneditableError, edited
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.output_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from keywright.retire.proposals import Proposal


@dataclass(frozen=True, slots=True)
class EditedFile:
    """A file of declarations, before and after."""

    path: Path
    before: str
    after: str

    @property
    def diff(self) -> str:
        """Give the difference, as `patch` reads it."""
        name = str(self.path)
        lines = unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), name, name
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )


def write_all(files: Iterable[EditedFile]) -> None:
    """Replace every file, or none.

    Raises:
        OSError: One can't be written; all are as before.
    """
    done: list[EditedFile] = []
    try:
        for each in files:
            # A file is replaced by a new one, which a file without permission to write would allow.
            if not os.access(each.path, os.W_OK):
                raise PermissionError(13, "no permission to write", str(each.path))
            write_whole(each.path, each.after.encode())
            done.append(each)
    except OSError:
        for each in done:
            write_whole(each.path, each.before.encode())
        raise


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
        # As bytes, because reading as text would change the line ends.
        before = path.read_bytes().decode("utf-8")
        mark, text = before[: before.startswith("\ufeff")], before.removeprefix("\ufeff")
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


def mistakes_after(files: Iterable[EditedFile], folder: Path, today: date) -> tuple[Finding, ...]:
    """Give the errors of the declarations as they would be, such as a grant of a role that is removed."""
    with TemporaryDirectory() as temporary:
        there = Path(temporary, "access")
        shutil.copytree(folder, there)
        for each in files:
            (there / each.path.resolve().relative_to(folder.resolve())).write_text(
                each.after, encoding="utf-8", newline=""
            )
        found = read(there, today).findings
    errors = (each for each in found if each.severity is Severity.ERROR)
    return tuple(
        replace(
            each, location=replace(each.location, file=each.location.file.replace(str(there), str(folder), 1))
        )
        for each in errors
    )
