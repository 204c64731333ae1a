"""Why a text is not YAML, in words of its author."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    import yaml  # type: ignore[import-untyped]

_WORDS = (
    (
        "mapping values are not allowed",
        "a `:` stands where none can be",
        "quotes around text with `: `, a new line, or the `:` that the line above lacks",
    ),
    (
        "could not find expected ':'",
        "a name has no `:` after it",
        "`name: value`, indented like its neighbours",
    ),
    (
        "did not find expected key",
        "a line is not indented like its neighbours",
        "the indentation of the lines above",
    ),
    (
        "did not find expected '-' indicator",
        "a line is not indented like its neighbours",
        "`- ` under the `- ` above",
    ),
    (
        "did not find expected ',' or ']'",
        "a list is not closed",
        "`,` between items and `]` at the end",
    ),
    (
        "did not find expected ',' or '}'",
        "a mapping is not closed",
        "`,` between keys and `}` at the end",
    ),
    ("found unexpected end of stream", "a quote is not closed", "the closing quote"),
    ("cannot start any token", "a sign stands where it means nothing", "quotes around the text"),
    ("block sequence entries are not allowed", "a list starts where none can", "the list on a new line"),
    ("did not find expected node content", "a value is missing", "a value, or nothing at all"),
    (
        "did not find expected <document start>",
        "something follows where the file should end",
        "one mapping, indented evenly",
    ),
    (
        "unknown escape character",
        "an escape is unknown to YAML",
        "single quotes around text with `\\`",
    ),
    ("did not find expected whitespace or line break", "two things run together", "a space between them"),
    ("nesting depth", "levels nest too deep", "the levels of the declarations"),
)
"""A part of libyaml's words, what is wrong, and the way on."""


def problem_in_words(error: yaml.YAMLError, text: str, file: str) -> Finding:
    """Say what is wrong with the syntax, at the place where reading stopped, and never past the last line."""
    lines = text.split("\n")
    line, column = _place(error, text, lines)
    before = lines[line - 1]
    indentation = before[: len(before) - len(before.lstrip())]
    location = Location(file, line, column)
    if "\t" in indentation:
        return Finding(
            Location(file, line, indentation.index("\t") + 1),
            "a line is indented with a tab",
            "a tab",
            "spaces",
        )
    found = quoted(before.strip()) if before.strip() else "the end of the file"
    problem = str(getattr(error, "problem", None) or "")
    for part, message, accepted in _WORDS:
        if part in problem:
            return Finding(location, message, found, accepted)
    return Finding(location, "this is not YAML", found, f"YAML 1.2 ({problem.lower() or 'unreadable'})")


def _place(error: yaml.YAMLError, text: str, lines: list[str]) -> tuple[int, int]:
    """Give the place of the problem; of what was never closed or named, the place where it begins."""
    mark, beginning = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    unended = "expected ':'" in str(getattr(error, "problem", None))
    if mark is None or (beginning is not None and (unended or mark.index >= len(text.rstrip()))):
        mark = beginning
    if mark is None:
        return 1, 1
    last = len(lines) - 1 if len(lines) > 1 and not lines[-1] else len(lines)
    if mark.line + 1 > last:
        return last, max(1, len(lines[last - 1]))
    return mark.line + 1, mark.column + 1
