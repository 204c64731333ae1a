"""A how-to page as what a reader does with it, step by step.

A block that names a file after its language (or, in code that is copied, in its first line `# path`) is a file to write.
A `diff` block that names a file is an edit of it. In a `console` block a line `$ command` is run, `$? 1` says that it ends
with that exit code instead of 0, and the other lines are what the reader sees; `…` stands for anything, lines too.
Other blocks are shown to the reader and not run; where they show commands, a comment `<!-- not run: reason -->` says why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BLOCK = re.compile(
    r"^```(?P<language>[a-z]+)(?: (?P<path>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_SHOWN = re.compile(
    r"^(?P<indent> *)```(?P<language>[a-z]*)[^\n]*\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_REASON = re.compile(r"<!-- not run: [^\n]{10,} -->\n+ *\Z")
_COMMAND = re.compile(r" *(?:\$ )?(?:\S*/bin/)?(?:aws|cdk|gh|git|keywright|make|pip|python\S*|uv|uvx)(?: |$)")
_FIRST_LINE = re.compile(r"# (?P<path>[\w./-]+\.\w+)\n")
_WRITTEN = {"python", "yaml", "json", "text"}
_ANYTHING = "…"


@dataclass
class Write:
    """The reader writes a file."""

    line: int
    path: str
    text: str


@dataclass
class Edit:
    """The reader makes an edit in a file that is there."""

    line: int
    path: str
    text: str


@dataclass
class Run:
    """The reader runs a command, and sees what it prints and how it ends."""

    line: int
    command: str
    code: int = 0
    expected: list[str] = field(default_factory=list)

    def sees(self, printed):
        """Return whether the output is what the page shows; a page without output accepts any."""
        if not self.expected:
            return True
        shown = r"[\s\S]*".join(map(re.escape, "\n".join(self.expected).split(_ANYTHING)))
        return re.fullmatch(shown, printed.strip("\n")) is not None


def steps(text):
    """Read a page's steps in order."""
    found = []
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        language, body = block["language"], block["body"]
        if language == "console":
            found += _commands(body, line)
        elif language == "diff":
            found.append(Edit(line, block["path"], body))
        elif language in _WRITTEN and (path := _path(block)):
            found.append(Write(line, path, body))
    return found


def unread(text):
    """List the lines of Python that look runnable and are in no file."""
    return [
        text.count("\n", 0, block.start()) + 1
        for block in _BLOCK.finditer(text)
        if block["language"] == "python" and not _path(block)
    ]


def not_run(text, *, is_run):
    """List the lines of blocks with commands that no test runs, and that no comment in the page explains."""
    return [
        text.count("\n", 0, block.start()) + 1
        for block in _SHOWN.finditer(text)
        if _has_commands(block, is_run=is_run) and not _REASON.search(text, 0, block.start())
    ]


def _has_commands(block, *, is_run):
    lines = block["body"].splitlines()
    if block["language"] == "console" and is_run:
        return not any(line.lstrip().startswith("$ ") for line in lines)
    if block["language"] in {"console", "bash", "sh", "shell"}:
        return True
    return block["language"] in {"", "text"} and any(_COMMAND.match(line) for line in lines)


def _path(block):
    first = _FIRST_LINE.match(block["body"])
    return block["path"] or (first["path"] if first else "")


def _commands(body, line):
    found = []
    for number, written in enumerate(body.splitlines(), start=line + 1):
        if written.startswith("$ "):
            found.append(Run(number, written.removeprefix("$ ")))
        elif written.startswith("$? "):
            found[-1].code = int(written.removeprefix("$? "))
        elif found:
            found[-1].expected.append(written)
    return found
