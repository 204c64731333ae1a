"""How names, numbers and other people's text are written in messages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable


LONGEST = 80
"""Characters of one quoted text in a message."""
WHOLE = 2048
"""Pass as `longest` where a text has to be shown whole, as an ARN that the reader copies."""
_LONGEST_MESSAGE = 600
_PLURALS = {"person": "people", "advice": "pieces of advice"}
_SINGULARS = {"advice": "piece of advice"}


def printable(text: str) -> str:
    """Escape what a terminal would act on or can't show; line ends stay."""
    return text if text.isprintable() else "\n".join(map(_escaped, text.split("\n")))


def on_one_line(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    """Escape line ends too, and cut a long text: a message stays one line."""
    return _escaped(text if len(text) <= longest else f"{text[:longest]}…")


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def quoted(text: str, longest: int = LONGEST) -> str:
    """Put a text in backticks: on one line, cut where it is longer."""
    shown = _escaped(text[: longest + 1])
    return f"`{shown}`" if len(shown) <= longest else f"`{shown[: longest - 1]}…`"


def listed(
    names: Iterable[str], last: str = "", *, most: int = 0, none: str = "", longest: int = LONGEST
) -> str:
    """Quote and join names, such as "`a`, `b`"; for the other parameters see `joined`."""
    return joined([quoted(name, longest) for name in names], last, most=most, none=none)


def joined(
    texts: Iterable[str], last: str = "", *, most: int = 0, none: str = "", checksum: bool = False
) -> str:
    """Join texts by commas, such as "a, b, c".

    Args:
        texts: What to join.
        last: A word in front of the last one, such as "and": "a, b and c".
        most: How many are shown; of more, the number: "a, b and 7 more".
        none: What is written when there is no text at all.
        checksum: Write a checksum of the texts that are not shown. An exception that names this text then ends when
            one of them changes.
    """
    shown = list(texts)
    if most and len(shown) > most:
        rest = shown[most:]
        of_rest = f" (#{crc32(', '.join(rest).encode()):08x})" if checksum else ""
        return f"{', '.join(shown[:most])} and {len(rest)} more{of_rest}"
    if last and len(shown) > 1:
        return f"{', '.join(shown[:-1])} {last} {shown[-1]}"
    return ", ".join(shown) or none


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number of things, such as "1 finding", "2 policies"."""
    if number == 1:
        return f"1 {_SINGULARS.get(noun, noun)}"
    return f"{number} {plural or _PLURALS.get(noun) or _plural(noun)}"


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def refusal(message: str, *, found: str, accepted: str) -> ValueError:
    """Make the error of a refused argument, worded like a finding; the caller that knows the place adds it."""
    return ValueError(f"{message}; found {found}; accepted: {accepted}")
