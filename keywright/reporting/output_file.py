"""Writes a file whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

NEW = 0o644
"""The mode of a new file."""


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Replace a file atomically; the mode (unless one is given), the owner and a symbolic link to it stay.

    Raises:
        OSError: The folder cannot be written to, or the disk is full; the file is unchanged.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # a device or a pipe can't be replaced
        return
    before = path.stat() if path.exists() else None
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        temporary = Path(stream.name)
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            if mode is None:
                mode = stat.S_IMODE(before.st_mode) if before else NEW
            temporary.chmod(mode)
            if before:
                with suppress(PermissionError):
                    os.chown(temporary, before.st_uid, before.st_gid)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
