"""What a reader of policies has to say about a place, before the place's line and column are known."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from keywright.policy.memory import remembered

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Note:
    """A finding to be: `pointer` is the place; `is_unclear` says that the meaning is lost too, not just AWS's consent.

    `names` are what `found` may have been meant to be; the nearest are offered.
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


def quoted(value: Any) -> str:
    """Show a value in backticks, cut where it is long, so that it stays on one line."""
    text = value if isinstance(value, str) else _kind(value)
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"`{shown.encode('unicode_escape').decode('ascii') if not shown.isprintable() else shown}`"


def _kind(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    return {"None": "null", "True": "true", "False": "false"}.get(str(value), str(value))


def listed(names: tuple[str, ...]) -> str:
    """List names as what is accepted."""
    return ", ".join(f"`{name}`" for name in names)


@remembered
def nearest(name: str, names: tuple[str, ...]) -> str:
    """List the nearest three of many names."""
    return listed(tuple(get_close_matches(name[:_SHOWN], names, n=3, cutoff=0)))
