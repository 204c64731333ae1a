"""The pieces that a run has read, kept beside the output until it is complete, so that an interrupted run can be continued.

One JSON line for each piece, appended when it is complete; a line that was cut off is read again.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

OLDEST = timedelta(hours=24)
"""Older pieces are read again: a snapshot should be that of one day."""
_OWNER_ONLY = 0o600


class UnusableJournalError(Exception):
    """The pieces of an earlier run can't be continued from."""


class Journal:
    """The pieces of one run, by their task's key. Only the user can read the file, and only one run can have it open."""

    def __init__(self, output: Path, account: str, now: datetime) -> None:
        self.file = output.with_name(f"{output.name}.part")
        self.began = now
        self.pieces: dict[str, dict[str, Any]] = {}
        self._account = account
        self._now = now
        self._stream: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Open the file, and read what an earlier run left in it.

        Raises:
            UnusableJournalError: It is not this user's file, is that of another account, or another run has it open.
            OSError: It can't be opened.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._stream = os.fdopen(os.open(self.file, flags, _OWNER_ONLY), "r+b")
        try:
            self._require_private()
            self._lock()
            self._load()
        except BaseException:
            self._stream.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the file; it stays until `remove`, unless nothing is in it."""
        if not self.pieces:
            self.remove()
        if self._stream:
            self._stream.close()

    def add(self, key: str, piece: dict[str, Any]) -> None:
        """Keep a complete piece."""
        if not self.pieces:
            self._write({"account": self._account, "began": self.began.isoformat()})
        self.pieces[key] = piece
        self._write({"task": key, "piece": piece})

    def remove(self) -> None:
        """Delete the file: the output is complete."""
        self.file.unlink(missing_ok=True)

    def _write(self, line: dict[str, Any]) -> None:
        assert self._stream
        self._stream.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._stream.flush()

    def _require_private(self) -> None:
        assert self._stream
        found = os.fstat(self._stream.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise UnusableJournalError(
                f"{self.file}: not a file of this user alone; found mode {stat.S_IMODE(found.st_mode):04o}; "
                "accepted: the file that an earlier run left, or none"
            )

    def _lock(self) -> None:
        assert self._stream
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnusableJournalError(
                f"{self.file}: another run is writing it; accepted: another `--output`"
            ) from None

    def _load(self) -> None:
        assert self._stream
        head: dict[str, Any] = {}
        end = 0
        for line in self._stream:
            entry = _entry(line)
            if entry is None:
                break
            if not head:
                head = entry
            else:
                self.pieces[entry["task"]] = entry["piece"]
            end += len(line)
        began = _began(head)
        if head and head.get("account") != self._account:
            raise UnusableJournalError(
                f"{self.file}: the parts of another account; found `{head.get('account')}`; accepted: "
                f"`{self._account}`, or another `--output`"
            )
        if began is None or not self.pieces or self._now - began > OLDEST:
            self.pieces.clear()
            end = 0
        else:
            self.began = began
        self._stream.truncate(end)
        self._stream.seek(0, os.SEEK_END)


def _entry(line: bytes) -> dict[str, Any] | None:
    """Read a line; None if a run ended while it was written."""
    try:
        entry = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    is_piece = isinstance(entry, dict) and ("began" in entry or {"task", "piece"} <= entry.keys())
    return entry if is_piece else None


def _began(head: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(head.get("began")))
    except ValueError:
        return None
