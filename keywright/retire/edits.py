"""The edits of declarations that a proposal asks for: written whole or not at all, and valid afterwards."""

from __future__ import annotations

import shutil
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

    def write(self) -> None:
        """Replace the file.

        Raises:
            OSError: It can't be written; it is unchanged.
        """
        write_whole(self.path, self.after.encode())


def edited_files(proposed: Iterable[Proposal]) -> tuple[tuple[EditedFile, ...], tuple[Finding, ...]]:
    """Apply the edits of proposals to the texts of their files; what has another layout is a finding.

    Removals come last and from the end of a list, so that no path of another edit changes.
    """
    by_file: dict[str, list[Proposal]] = {}
    for each in proposed:
        if each.edits:
            by_file.setdefault(each.location.file, []).append(each)
    files, findings = [], []
    for name, several in by_file.items():
        path = Path(name)
        # As bytes, because reading as text would change the line ends.
        before = path.read_bytes().decode("utf-8")
        mark, text = before[: before.startswith("\ufeff")], before.removeprefix("\ufeff")
        for each in sorted(several, key=_order):
            try:
                text = edited(text, each.edits)
            except UneditableError:
                findings.append(
                    Finding(
                        each.location,
                        f"`{each.subject}` can't be edited here",
                        found="another layout",
                        accepted="each key on lines of its own",
                    )
                )
        if mark + text != before:
            files.append(EditedFile(path, before, mark + text))
    return tuple(files), tuple(findings)


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
