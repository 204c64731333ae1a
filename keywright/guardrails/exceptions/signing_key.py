"""The key with which this user's syntheses sign: random, in the user's state folder, readable by the user alone.

It never leaves the file except as a value in memory: no message, output or log contains it.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

_BYTES = 32
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
SAFELY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""How to open a file that should be an ordinary one: a link is not followed, and a pipe does not block."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_file() -> Path | None:
    """Give the key's path ("XDG Base Directory Specification"); None without a home folder."""
    given = os.environ.get("XDG_STATE_HOME", "")
    try:
        # The specification has relative paths ignored.
        state = Path(given) if os.path.isabs(given) else Path.home() / ".local/state"  # noqa: PTH117 - `Path("")` is `.`
    except RuntimeError:
        return None
    return state / "keywright/signing.key"


def existing_key() -> bytes | None:
    """Read the key; None if there is none that this user alone can read and write."""
    path = key_file()
    return _read(path) if path is not None else None


def key_for_signing() -> bytes | None:
    """Read the key, or create it; None where that is not possible, for example in a read-only home folder."""
    path = key_file()
    if path is None:
        return None
    with suppress(OSError):
        _create(path)
    return _read(path)


def _create(path: Path) -> None:
    """Create the key unless there is one. A link to a complete file is atomic: no process ever reads a part of a key."""
    if path.exists():
        return
    path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        # Another process that was faster has made the key that counts.
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()


def _own_user() -> int:
    # Windows has no numbers of users; its file modes always let others read, so that nothing is signed there.
    return os.geteuid() if hasattr(os, "geteuid") else -1


def _read(path: Path) -> bytes | None:
    try:
        descriptor = os.open(path, SAFELY)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        found = os.fstat(stream.fileno())
        # A key that others could have read or written shows nothing.
        if not stat.S_ISREG(found.st_mode) or found.st_mode & _OTHERS or found.st_uid != _own_user():
            return None
        key = stream.read(_BYTES + 1)
    return key if len(key) == _BYTES else None
