"""Findings on a policy document before their lines and columns are known."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from keywright.policy.matching.memoize import memoized
from keywright.reporting.text import listed

_SHOWN = 80
LONGEST_VALUE = 65_536
"""Characters of one value; AWS accepts no policy half as long."""


@dataclass(frozen=True, slots=True)
class Note:
    """A future finding at `pointer`.

    `is_unclear` means that the statement has no clear meaning, not just that AWS rejects it.
    `names` are the candidates for `found`; the nearest are suggested.
    """

    pointer: str
    message: str
    found: str = ""
    accepted: str = ""
    is_unclear: bool = False
    names: tuple[str, ...] = ()

    @property
    def offered(self) -> str:
        """What would be accepted instead."""
        return self.accepted or nearest(self.found.strip("`"), self.names)


def short(texts: tuple[str, ...], pointer: str, notes: list[Note]) -> tuple[str, ...]:
    """Leave out values too long to be looked at, and note them."""
    long = [text for text in texts if len(text) > LONGEST_VALUE]
    for text in long:
        message = f"`{pointer}` has a value of {len(text):,} characters"
        notes.append(Note(pointer, message, quoted(text), f"{LONGEST_VALUE:,} at most", is_unclear=True))
    return tuple(text for text in texts if len(text) <= LONGEST_VALUE) if long else texts


def quoted(value: Any) -> str:
    """Show a value in backticks, cut where it is long, so that it stays on one line."""
    text = value if isinstance(value, str) else _kind(value)
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"`{shown.encode('unicode_escape').decode('ascii') if not shown.isprintable() else shown}`"


def _kind(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    return {"None": "null", "True": "true", "False": "false"}.get(str(value), str(value))


@memoized
def nearest(name: str, names: tuple[str, ...]) -> str:
    """List the nearest three of many names."""
    return listed(tuple(get_close_matches(name[:_SHOWN], names, n=3, cutoff=0)))
