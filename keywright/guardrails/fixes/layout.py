"""The layout of a template's text, and how new values are written in it.

Quotes are those of the replaced text, indentation and line ends those of the neighbours. In an unknown layout nothing is
written.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.assembly.sources.json_source import JsonSource
from keywright.guardrails.fixes.changes import CannotRewriteError, Path

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node, Source, Span

_BLANK = " \t\r\n"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
ONE_LINE_VALUE = re.compile(r"""(?:![A-Za-z]+ )?(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z][A-Za-z0-9:/.*_-]*)""")
"""Values that are written the same inside a list on one line."""

_PLAIN_ACTION = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?::[A-Za-z0-9]+)?")


@dataclass(frozen=True)
class MemberPlace:
    """Where a member is written, the text before and after it, and its indentation ("" for one line)."""

    start: int
    before: str
    after: str
    indentation: str
    unit: str = ""


@dataclass(frozen=True)
class Layout:
    """The text of one source; an unknown layout raises `CannotRewriteError`."""

    source: Source

    def text(self, span: Span) -> str:
        """Return the characters of a value."""
        return self.source.characters[span.start : span.end]

    @property
    def _is_json(self) -> bool:
        return isinstance(self.source, JsonSource)

    @property
    def is_minified(self) -> bool:
        """Return whether it is JSON without white space."""
        return self._is_json and not re.search(r'":\s', self.source.characters)

    @property
    def line_end_text(self) -> str:
        """Return the line end that the text uses."""
        at = self.source.characters.find("\n")
        return "\r\n" if at > 0 and self.source.characters[at - 1] == "\r" else "\n"

    def line_start(self, at: int) -> int:
        """Go to the beginning of a line."""
        return self.source.characters.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Go to the end of a line, before its line end; a comment there belongs to the line."""
        end = self.source.characters.find("\n", at)
        end = len(self.source.characters) if end < 0 else end
        return end - 1 if self.source.characters[max(end - 1, 0) : end] == "\r" else end

    def _indentation(self, at: int) -> str:
        line = self.source.characters[self.line_start(at) : at]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def gap_before(self, above: Path, index: int, around: Span) -> str:
        """Return the white space before an item, after the comma or bracket."""
        item, previous = (
            self.source.span(*above, index),
            self.source.span(*above, index - 1) if index else None,
        )
        if item is None:
            raise CannotRewriteError
        gap = self.source.characters[previous.end if previous else around.start + 1 : item.outer]
        return require_blank(gap.removeprefix(",") if previous else gap)

    def dash(self, item: Span) -> str:
        """Return the white space before the dash of a block item; other text there cannot be rewritten."""
        return self.source.characters[self.line_start(item.outer) : self._dash_at(item)]

    def _dash_at(self, item: Span) -> int:
        before = self.source.characters[self.line_start(item.outer) : item.outer]
        if not re.fullmatch(r"[ \t]*-[ \t]+", before):
            raise CannotRewriteError
        return self.line_start(item.outer) + before.index("-")

    def lines_of(self, item: Span) -> tuple[int, int]:
        """Return the whole lines of a block's item; comments above it and below it stay."""
        self._dash_at(item)
        end = self.line_end(len(self.source.characters[: item.end].rstrip(_BLANK)))
        after = self.source.characters.find("\n", end) + 1
        return self.line_start(item.outer), after or len(self.source.characters)

    def between_commas(self, above: Path, index: int, count: int, item: Span) -> tuple[int, int]:
        """Return the range of an item and the comma next to it."""
        beside = self.source.span(*above, index + 1 if index + 1 < count else index - 1)
        if beside is None:
            raise CannotRewriteError
        start, end = (item.outer, beside.outer) if index + 1 < count else (beside.end, item.end)
        gap = (
            self.source.characters[item.end : end]
            if index + 1 < count
            else self.source.characters[start : item.outer]
        )
        require_blank(gap.replace(",", "", 1))
        return start, end

    def place_of_member(self, path: Path, span: Span, keys: list[str]) -> MemberPlace:
        """Find where another member of a mapping is written, after the others."""
        if not span.is_flow:
            return self._place_in_block(path, span, keys)
        if not keys:
            require_blank(self.text(span)[1:-1])
            return MemberPlace(span.start + 1, "", "", "")
        last = self.source.span(*path, keys[-1])
        previous = self.source.span(*path, keys[-2]) if len(keys) > 1 else None
        if last is None or last.key is None or (previous is None and len(keys) > 1):
            raise CannotRewriteError
        gap = self.source.characters[previous.end if previous else span.start + 1 : last.key[0]]
        gap = require_blank(gap.replace(",", "", 1) if previous else gap)
        if "\n" in gap:
            return MemberPlace(last.end, f",{gap}", "", gap.rpartition("\n")[2], self._unit(span, gap))
        return MemberPlace(last.end, "," if self.is_minified else ", ", "", "")

    def _unit(self, span: Span, gap: str) -> str:
        """Return the indentation of one level, as the mapping itself has it."""
        outer, inner = self._indentation(span.start), gap.rpartition("\n")[2]
        return inner.removeprefix(outer) or "  "

    def _place_in_block(self, path: Path, span: Span, keys: list[str]) -> MemberPlace:
        column = span.start - self.line_start(span.start)
        indentation = " " * column
        last = self.source.span(*path, keys[-1])
        if last is None or "\n" in self.source.characters[last.end - 1 : last.end]:
            # The end of a block scalar or an alias is not known exactly: write before the first member instead.
            return MemberPlace(span.start, "", f"{self.line_end_text}{indentation}", indentation, "  ")
        start = self.line_end(len(self.source.characters[: last.end].rstrip(_BLANK)))
        return MemberPlace(start, f"{self.line_end_text}{indentation}", "", indentation, "  ")

    def member(self, key: str, value: Node, place: MemberPlace) -> str:
        """Write a member."""
        colon = ":" if self.is_minified else ": "
        if self._is_json:
            return f"{json.dumps(key)}{colon}{self._nested_json(value, place)}"
        if place.unit and isinstance(value, dict) and value:
            inner = replace(place, indentation=place.indentation + place.unit)
            members = (
                f"{self.line_end_text}{inner.indentation}{self.member(name, each, inner)}"
                for name, each in value.items()
            )
            return f"{_scalar(key)}:{''.join(members)}"
        return f"{_scalar(key)}: {self.on_one_line(value)}"

    def _nested_json(self, value: Node, place: MemberPlace) -> str:
        if not place.unit or not isinstance(value, dict):
            return self.on_one_line(value)
        written = json.dumps(value, indent=place.unit, ensure_ascii=False)
        return written.replace("\n", f"{self.line_end_text}{place.indentation}")

    def on_one_line(self, value: Node) -> str:
        """Write a value on one line."""
        if self._is_json:
            separators = (",", ":") if self.is_minified else (", ", ": ")
            return json.dumps(value, separators=separators, ensure_ascii=False)
        return _yaml(value)


def require_blank(gap: str) -> str:
    """Return a gap of white space; a gap with a comment cannot be rewritten, as the comment would have to move."""
    if gap.strip(_BLANK):
        raise CannotRewriteError
    return gap


def in_quotes(new: str, old: str) -> str:
    """Write a text in the quotes of another."""
    if old.startswith('"'):
        return json.dumps(new, ensure_ascii=not new.isprintable())
    if old.startswith("'"):
        return "'" + new.replace("'", "''") + "'"
    return new if _PLAIN_ACTION.fullmatch(new) and new.lower() not in _WORDS else json.dumps(new)


def _scalar(value: str) -> str:
    return value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else json.dumps(value)


def _yaml(value: Node) -> str:
    """Write a value in YAML on one line, an intrinsic function in its short form."""
    match value:
        case {"Fn::Sub": str() as template, **rest} if not rest:
            return f"!Sub {json.dumps(template)}"
        case {"Fn::GetAtt": [str() as name, str() as attribute], **rest} if not rest:
            return f"!GetAtt {name}.{attribute}"
        case dict():
            return "{" + ", ".join(f"{_scalar(key)}: {_yaml(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_yaml, value)) + "]"
        case _:
            return _scalar(value) if isinstance(value, str) else json.dumps(value)
