"""A user's own text inside a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 80
"""Characters of one text of a user's in a message."""
_LONGEST_MESSAGE = 600


def quoted(text: str) -> str:
    """Put a user's text in backticks: on one line, shortened at the end."""
    shown = printable(text[: LONGEST + 1])
    return f"`{shown}`" if len(shown) <= LONGEST else f"`{shown[: LONGEST - 1]}…`"


def listed(names: Iterable[str]) -> str:
    """Put names in backticks, with commas between."""
    return ", ".join(quoted(name) for name in names)


def printable(text: str) -> str:
    """Show control characters, line ends and marks of direction as escapes: nobody's terminal obeys a file."""
    short = text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"
    if short.isprintable():
        return short
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in short)
