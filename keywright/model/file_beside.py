"""Files that lie beside the declarations and are named there, read with suspicion."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from pathlib import Path


class UnfitFileError(Exception):
    """What is wrong with a file, what was found, what is accepted."""


def content_beside(folder: Path, file: str, sizes: range) -> bytes:
    """Give the content of a plain file inside the folder.

    Raises:
        UnfitFileError: It is none, can't be read, or has a size that AWS refuses.
    """
    path = folder / file
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise UnfitFileError(
                "lies outside the folder", quoted(file), f"a file inside `{folder.as_posix()}`"
            )
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnfitFileError("is no plain file", quoted(file), "a file")
        if status.st_size not in sizes:
            size = f"{status.st_size:,} bytes"
            raise UnfitFileError(
                "has a size that IAM refuses", size, f"{sizes.start:,} to {sizes.stop - 1:,} characters"
            )
        return path.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:  # a NUL, or a circle of links
        wrong = getattr(error, "strerror", None) or "not a path"
        raise UnfitFileError(
            "cannot be read", f"{quoted(file)}: {wrong.lower()}", "a file beside the declarations"
        ) from error
