"""Puts the files of a new repository into a folder: all of them or none."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ALLOWED = (".git", ".venv", "LICENSE*", "README*", ".DS_Store")
"""What the folder may contain: the files of a new repository on GitHub or GitLab, and a virtual environment."""


def unexpected_in(folder: Path) -> list[str]:
    """List the entries because of which a folder is refused; none if it does not exist.

    Raises:
        OSError: It is not a folder, or it can't be read.
    """
    if not folder.exists() and not folder.is_symlink():
        return []
    return sorted(
        each.name for each in folder.iterdir() if not any(each.match(pattern) for pattern in ALLOWED)
    )


@contextmanager
def placed(folder: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Write the files into a temporary folder, and move them into place when the block ends without an exception.

    Files that are in the folder already, such as its README, stay.

    Raises:
        OSError: A folder can't be written to; nothing is left there.
    """
    folder = folder.absolute()
    around = folder if folder.is_dir() else next(each for each in folder.parents if each.is_dir())
    with tempfile.TemporaryDirectory(dir=around, prefix=".keywright-init-") as scratch:
        new = Path(scratch) / folder.relative_to(around)
        new.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            if (folder / path).exists():
                continue
            file = new / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        yield new
        # A new folder is moved as a whole; into an existing one, each file and folder of the first level.
        _move(sorted(Path(scratch).iterdir()), around)


def _move(new: Iterable[Path], around: Path) -> None:
    moved: list[Path] = []
    try:
        for each in new:
            moved.append(each.rename(around / each.name))  # noqa: PERF401 - what is moved is undone after an error
    except BaseException:
        for each in moved:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        raise
