"""Other people's text in Markdown: nothing of it is markup."""

from __future__ import annotations

import re

from keywright.reporting.text import on_one_line

_MARKS = re.compile(r"([\\|<>*_\[\]])")


def markdown_text(text: str) -> str:
    """Escape a text on one line, except for code in backticks."""
    text = on_one_line(text)
    parts = text.split("`")
    # An odd backtick would turn the rest of the line into code.
    if len(parts) % 2 == 0:
        return _MARKS.sub(r"\\\1", text.replace("`", "'"))
    plain = (_MARKS.sub(r"\\\1", part) for part in parts[::2])
    code = (f"`{part}`" for part in parts[1::2])
    woven = [*(each for pair in zip(plain, (*code, ""), strict=True) for each in pair)]
    return "".join(woven)


def markdown_code(text: str) -> str:
    """Write a text as code."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{on_one_line(text)}{fence}"
