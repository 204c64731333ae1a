"""Edited files of declarations: written whole or not at all, and valid afterwards."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from keywright.model.reading import Reading, read
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.output_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


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


def text_of(path: Path) -> tuple[str, str]:
    """Give the byte order mark of a file, if it has one, and its text."""
    # As bytes, because reading as text would change the line ends.
    text = path.read_bytes().decode("utf-8")
    return text[: text.startswith("\ufeff")], text.removeprefix("\ufeff")


def reading_after(files: Iterable[EditedFile], folder: Path, today: date, *, locked: bool = True) -> Reading:
    """Read the declarations as they would be; the places of findings are in the folder as it is."""
    with TemporaryDirectory() as temporary:
        there = Path(temporary, "access")
        shutil.copytree(folder, there)
        for each in files:
            (there / each.path.resolve().relative_to(folder.resolve())).write_text(
                each.after, encoding="utf-8", newline=""
            )
        reading = read(there, today, locked=locked)
    return replace(
        reading,
        findings=[
            replace(
                each,
                location=replace(each.location, file=each.location.file.replace(str(there), str(folder), 1)),
            )
            for each in reading.findings
        ],
    )


def mistakes_after(files: Iterable[EditedFile], folder: Path, today: date) -> tuple[Finding, ...]:
    """Give the errors of the declarations as they would be, such as a grant of a role that is removed."""
    found = reading_after(files, folder, today).findings
    return tuple(each for each in found if each.severity is Severity.ERROR)
