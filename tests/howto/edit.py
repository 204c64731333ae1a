"""Make an edit as a page shows it: `python -m tests.howto.edit PATH < block`.

The page shows a few lines around the edit, as `diff` does, but not where in the file: the first place counts.
"""

from __future__ import annotations

import sys
from pathlib import Path


def edited(text, block):
    """Return the text after the edit: what stays and what goes is looked for line by line, in the order shown.

    Raises:
        LookupError: A line that the page shows is not in the file, or not after the one before it.
    """
    lines, at = text.splitlines(), 0
    for line in block.splitlines():
        sign, content = line[:1] or " ", line[1:]
        if sign == "+":
            lines.insert(at, content)
            at += 1
            continue
        if content not in lines[at:]:
            raise LookupError(f"not in the file, or not there: {content}")
        at = lines.index(content, at)
        if sign == "-":
            del lines[at]
        else:
            at += 1
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(edited(file.read_text(encoding="utf-8"), sys.stdin.read()), encoding="utf-8")
