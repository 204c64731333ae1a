"""Whether somebody sees colours, and wants them."""

import os
import sys
from time import monotonic
from types import TracebackType
from typing import Self, TypeVar


def colours_wanted() -> bool:
    """Tell whether standard output is a terminal with colours whose owner wants them ("NO_COLOR", no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


_Thing = TypeVar("_Thing")
_PATIENCE = 0.5
"""Seconds during which nobody wonders."""


class Progress:
    """Counts things as they pass."""

    def __init__(self, total: int, what: str) -> None:
        self._total = total
        self._what = what
        self._done = 0
        self._began = monotonic()
        self._is_shown = False

    def past(self, thing: _Thing) -> _Thing:
        """Count one, and give it back."""
        self._done += 1
        if self._total > 1 and sys.stderr.isatty() and monotonic() - self._began > _PATIENCE:
            sys.stderr.write(f"\r{self._done} of {self._total} {self._what}")
            sys.stderr.flush()
            self._is_shown = True
        return thing

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Leave an empty line behind."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
