"""Text from anybody's files inside Markdown: it is shown, and does nothing.

Everything that an assembly holds stands in code spans, where GitHub and GitLab render neither markup nor mentions nor
references. Characters that steer, hide or reorder are escaped, so that a name can't pretend to be the verdict.
"""

from __future__ import annotations

import re

_RUNS = re.compile("`+")
_NAMED = re.compile("`[^`]*`:? ")
_OUR_OWN = re.compile(r"(?:[A-Za-z0-9 ,;:'()%-]|\.(?![A-Za-z0-9]))*")
"""What sentences of ours are made of: nothing that is markup anywhere."""
LONGEST = 300


def code(text: object, longest: int = LONGEST) -> str:
    """Show a text in a code span; a long one is cut, and says so."""
    plain = visible(str(text))
    if len(plain) > longest:
        plain = f"{plain[:longest]}… ({len(plain) - longest} more characters)"
    fence = "`" * (max((len(run) for run in _RUNS.findall(plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") or not plain.strip() else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def prose(text: str) -> str:
    """Show a sentence of ours, and in code spans what it quotes; all in one span where it isn't made of our words."""
    parts = text.split("`")
    if len(parts) % 2 == 0 or not all(_OUR_OWN.fullmatch(each) for each in parts[::2]):
        return code(text.replace("`", "'"))
    return "".join(code(each) if index % 2 else each for index, each in enumerate(parts))


def reason(text: str) -> str:
    """Show a sentence that may quote anything: the name it begins with, and one thing more; else all in one span."""
    named = _NAMED.match(text)
    start, rest = (named[0], text[named.end() :]) if named else ("", text)
    return f"{prose(start)}{prose(rest) if rest.count('`') in {0, 2} else code(rest.replace('`', chr(39)))}"


def visible(text: str) -> str:
    """Escape what can't be seen, or turns what stands around it."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def listed(texts: tuple[str, ...], most: int = 3) -> str:
    """Show a few of several texts, and how many more there are."""
    shown = ", ".join(map(code, texts[:most]))
    return f"{shown} and {len(texts) - most} more" if len(texts) > most else shown
