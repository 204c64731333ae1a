"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

NEW = 0o644
"""Who may do what with a file that was not there."""


def write_whole(path: Path, content: bytes) -> None:
    """Put content in a file's place at one stroke; mode and owner of a file that was there stay, and so does a link to it.

    Raises:
        OSError: The folder is not to be written to, or is full; the file is as it was.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # a device or a pipe, in whose place nothing is put
        return
    before = path.stat() if path.exists() else None
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        temporary = Path(stream.name)
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            temporary.chmod(stat.S_IMODE(before.st_mode) if before else NEW)
            if before:
                with suppress(PermissionError):
                    os.chown(temporary, before.st_uid, before.st_gid)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
