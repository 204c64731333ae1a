"""A rewrite of one template: edits of its text that leave every other character alone, and what they come to as data.

Layout is taken from what stands around: quotes from the text that is replaced, indentation and line ends from the
neighbours. Where a template is written in a way that this does not know, there is no rewrite.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.assembly.json_source import JsonSource
from keywright.assembly.source import Lines, Source
from keywright.finding import Edit, Fix
from keywright.guardrails.fixes.steps import (
    Insert,
    Path,
    Put,
    Remove,
    Rename,
    UnfitError,
    exact,
    value_at,
)

if TYPE_CHECKING:
    from keywright.assembly.source import Node, Span
    from keywright.guardrails.fixes.steps import Change

Replacement = tuple[int, int, str]
"""From where, to where, and what stands there instead."""

_BLANK = " \t\r\n"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_FLOWS = re.compile(r"""(?:![A-Za-z]+ )?(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z][A-Za-z0-9:/.*_-]*)""")
"""What is written the same inside a list on one line."""

_PLAIN_ACTION = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?::[A-Za-z0-9]+)?")


_lines = lru_cache(maxsize=4)(Lines.of)
"""Where the lines of the last few texts begin: one template may have many fixes."""


@dataclass(frozen=True)
class Rewriting(Fix):
    """A fix, and the changes of the data that its edits must come to."""

    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Rewrite:
    """Edits of one source, gathered step by step; a step that cannot be written raises `UnfitError`."""

    source: Source
    changes: tuple[Change, ...] = ()
    replacements: tuple[Replacement, ...] = ()

    @property
    def tree(self) -> Node:
        """Give the template's data after the rewrite."""
        tree = self.source.tree
        for change in self.changes:
            tree = change.apply(tree)
        return tree

    def as_fix(self, message: str, *, widens: bool) -> Rewriting:
        """Say it with places."""
        lines, file = _lines(self.source.characters), self.source.file
        edits = tuple(
            Edit(lines.at(file, start), lines.at(file, end), text) for start, end, text in self.replacements
        )
        return Rewriting(message, edits, widens, self.changes)

    # Steps

    def with_text(self, path: Path, new: str) -> Rewrite:
        """Put a text in the place of another, in its quotes."""
        path, span = self._at(path)
        if not isinstance(value_at(self.source.tree, path), str):
            raise UnfitError
        return self._and(Put(path, new), (span.start, span.end, _in_quotes(new, self._text(span))))

    def with_value(self, path: Path, new: Node) -> Rewrite:
        """Put any value in the place of another, on one line."""
        path, span = self._at(path)
        return self._and(Put(path, new), (span.outer, span.end, self._on_one_line(new)))

    def with_suffix(self, path: Path, suffix: str) -> Rewrite:
        """Add characters at the end of a text, or of one that is a substitution's template, as it is written."""
        path, _ = self._at(path)
        if isinstance(value_at(self.source.tree, path), dict):
            path = (*path, "Fn::Sub")
        (path, span), old = self._at(path), value_at(self.source.tree, path)
        if not isinstance(old, str) or not self._text(span):
            raise UnfitError
        at = span.end - (self._text(span)[-1] in "\"'")
        return self._and(Put(path, f"{old}{suffix}"), (at, at, suffix))

    def with_another(self, path: Path, value: Node) -> Rewrite:
        """Make a list of one alone and another, on one line."""
        path, span = self._at(path)
        old = self.source.characters[span.outer : span.end]
        if not _FLOWS.fullmatch(old):
            old = self._on_one_line(value_at(self.source.tree, path))
        changed = Put(path, [value_at(self.source.tree, path), value])
        return self._and(changed, (span.outer, span.end, f"[{old}, {self._on_one_line(value)}]"))

    def with_key(self, path: Path, key: str) -> Rewrite:
        """Give a member another key, in its quotes."""
        path, span = self._at(path)
        if span.key is None:
            raise UnfitError
        start, end = span.key
        quoted = _in_quotes(key, self.source.characters[start:end])
        return self._and(Rename(path, key), (start, end, quoted))

    def with_member(self, path: Path, key: str, value: Node) -> Rewrite:
        """Add a member to a mapping, after the others."""
        path, span = self._at(path)
        node = value_at(self.source.tree, path)
        if not isinstance(node, dict) or key in node:
            raise UnfitError
        place = self._place_of_member(path, span, list(node))
        start, before, after = place.start, place.before, place.after
        return self._and(
            Put((*path, key), value), (start, start, f"{before}{self._member(key, value, place)}{after}")
        )

    def with_first_member(self, path: Path, key: str, value: str) -> Rewrite:
        """Add a member to a mapping, before the others."""
        path, span = self._at(path)
        node = value_at(self.source.tree, path)
        first = self.source.span(*path, next(iter(node))) if isinstance(node, dict) and node else None
        if first is None or first.key is None or not isinstance(node, dict) or key in node:
            raise UnfitError
        at = first.key[0]
        gap = (
            self.source.characters[span.start + 1 : at]
            if span.is_flow
            else f"{self._line_end_text}{' ' * (at - self._line_start(at))}"
        )
        separator = f",{_only_blank(gap) or ('' if self._is_minified else ' ')}" if span.is_flow else gap
        member = self._member(key, value, _MemberPlace(at, "", "", ""))
        return self._and(Put((*path, key), value), (at, at, f"{member}{separator}"))

    def with_item(self, path: Path, value: Node) -> Rewrite:
        """Put an item after the one at `path`, on a line of its own where that has one."""
        path, span = self._at(path)
        *above, index = path
        around = self.source.span(*above)
        if around is None or not isinstance(index, int):
            raise UnfitError
        written = self._on_one_line(value)
        if around.is_flow:
            before = self._gap_before(tuple(above), index, around) or ("" if self._is_minified else " ")
            place, text = span.end, f",{before}{written}"
        else:
            place, text = self._line_end(span.end), f"{self._line_end_text}{self._dash(span)}- {written}"
        return self._and(Insert((*above, index + 1), value), (place, place, text))

    def without_item(self, path: Path) -> Rewrite:
        """Take an item out of a list of several."""
        path, span = self._at(path)
        *above, index = path
        around, siblings = self.source.span(*above), value_at(self.source.tree, tuple(above))
        if (
            around is None
            or not isinstance(siblings, list)
            or len(siblings) == 1
            or not isinstance(index, int)
        ):
            raise UnfitError
        start, end = (
            self._between_commas(tuple(above), index, len(siblings), span)
            if around.is_flow
            else self._lines_of(span)
        )
        return self._and(Remove(path), (start, end, ""))

    # Where, and how it is written

    def _and(self, change: Change, replacement: Replacement) -> Rewrite:
        return replace(
            self,
            changes=(*self.changes, change),
            replacements=tuple(sorted((*self.replacements, replacement))),
        )

    def _at(self, path: Path) -> tuple[Path, Span]:
        path = exact(self.source.tree, path)
        span = self.source.span(*path)
        if span is None:
            raise UnfitError
        return path, span

    def _text(self, span: Span) -> str:
        return self.source.characters[span.start : span.end]

    @property
    def _is_json(self) -> bool:
        return isinstance(self.source, JsonSource)

    @property
    def _is_minified(self) -> bool:
        return self._is_json and not re.search(r'":\s', self.source.characters)

    @property
    def _line_end_text(self) -> str:
        at = self.source.characters.find("\n")
        return "\r\n" if at > 0 and self.source.characters[at - 1] == "\r" else "\n"

    def _line_start(self, at: int) -> int:
        return self.source.characters.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Go to the end of a line, before its line end; a comment there belongs to the line."""
        end = self.source.characters.find("\n", at)
        end = len(self.source.characters) if end < 0 else end
        return end - 1 if self.source.characters[:end].endswith("\r") else end

    def _indentation(self, at: int) -> str:
        line = self.source.characters[self._line_start(at) : at]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _gap_before(self, above: Path, index: int, around: Span) -> str:
        """Give the white space before an item, after the comma or bracket."""
        item, previous = (
            self.source.span(*above, index),
            self.source.span(*above, index - 1) if index else None,
        )
        if item is None:
            raise UnfitError
        gap = self.source.characters[previous.end if previous else around.start + 1 : item.outer]
        return _only_blank(gap.removeprefix(",") if previous else gap)

    def _dash(self, item: Span) -> str:
        """Give what stands before the dash of a block's item: nothing but white space, or it cannot be written."""
        return self.source.characters[self._line_start(item.outer) : self._dash_at(item)]

    def _dash_at(self, item: Span) -> int:
        before = self.source.characters[self._line_start(item.outer) : item.outer]
        if not re.fullmatch(r"[ \t]*-[ \t]+", before):
            raise UnfitError
        return self._line_start(item.outer) + before.index("-")

    def _lines_of(self, item: Span) -> tuple[int, int]:
        """Give the whole lines of a block's item; comments above it and below it stay."""
        self._dash_at(item)
        end = self._line_end(len(self.source.characters[: item.end].rstrip(_BLANK)))
        after = self.source.characters.find("\n", end) + 1
        return self._line_start(item.outer), after or len(self.source.characters)

    def _between_commas(self, above: Path, index: int, count: int, item: Span) -> tuple[int, int]:
        beside = self.source.span(*above, index + 1 if index + 1 < count else index - 1)
        if beside is None:
            raise UnfitError
        start, end = (item.outer, beside.outer) if index + 1 < count else (beside.end, item.end)
        gap = (
            self.source.characters[item.end : end]
            if index + 1 < count
            else self.source.characters[start : item.outer]
        )
        _only_blank(gap.replace(",", "", 1))
        return start, end

    def _place_of_member(self, path: Path, span: Span, keys: list[str]) -> _MemberPlace:
        if not span.is_flow:
            return self._place_in_block(path, span, keys)
        if not keys:
            _only_blank(self._text(span)[1:-1])
            return _MemberPlace(span.start + 1, "", "", "")
        last = self.source.span(*path, keys[-1])
        previous = self.source.span(*path, keys[-2]) if len(keys) > 1 else None
        if last is None or last.key is None or (previous is None and len(keys) > 1):
            raise UnfitError
        gap = self.source.characters[previous.end if previous else span.start + 1 : last.key[0]]
        gap = _only_blank(gap.replace(",", "", 1) if previous else gap)
        if "\n" in gap:
            return _MemberPlace(last.end, f",{gap}", "", gap.rpartition("\n")[2], self._unit(span, gap))
        return _MemberPlace(last.end, "," if self._is_minified else ", ", "", "")

    def _unit(self, span: Span, gap: str) -> str:
        """Give the indentation of one level, as the mapping itself has it."""
        outer, inner = self._indentation(span.start), gap.rpartition("\n")[2]
        return inner.removeprefix(outer) or "  "

    def _place_in_block(self, path: Path, span: Span, keys: list[str]) -> _MemberPlace:
        column = span.start - self._line_start(span.start)
        indentation = " " * column
        last = self.source.span(*path, keys[-1])
        if last is None or "\n" in self.source.characters[last.end - 1 : last.end]:
            # what follows a text in lines of its own, or an alias: written before the first member
            return _MemberPlace(span.start, "", f"{self._line_end_text}{indentation}", indentation, "  ")
        start = self._line_end(len(self.source.characters[: last.end].rstrip(_BLANK)))
        return _MemberPlace(start, f"{self._line_end_text}{indentation}", "", indentation, "  ")

    def _member(self, key: str, value: Node, place: _MemberPlace) -> str:
        colon = ":" if self._is_minified else ": "
        if self._is_json:
            return f"{json.dumps(key)}{colon}{self._nested_json(value, place)}"
        if place.unit and isinstance(value, dict) and value:
            inner = replace(place, indentation=place.indentation + place.unit)
            members = (
                f"{self._line_end_text}{inner.indentation}{self._member(name, each, inner)}"
                for name, each in value.items()
            )
            return f"{_scalar(key)}:{''.join(members)}"
        return f"{_scalar(key)}: {self._on_one_line(value)}"

    def _nested_json(self, value: Node, place: _MemberPlace) -> str:
        if not place.unit or not isinstance(value, dict):
            return self._on_one_line(value)
        written = json.dumps(value, indent=place.unit, ensure_ascii=False)
        return written.replace("\n", f"{self._line_end_text}{place.indentation}")

    def _on_one_line(self, value: Node) -> str:
        if self._is_json:
            separators = (",", ":") if self._is_minified else (", ", ": ")
            return json.dumps(value, separators=separators, ensure_ascii=False)
        return _yaml(value)


@dataclass(frozen=True)
class _MemberPlace:
    """Where a member is written, what comes before and after it, and how deep it stands; "" is on one line."""

    start: int
    before: str
    after: str
    indentation: str
    unit: str = ""


def _only_blank(gap: str) -> str:
    """Give white space back; a comment in it would have to move, so that nothing is written there."""
    if gap.strip(_BLANK):
        raise UnfitError
    return gap


def _in_quotes(new: str, old: str) -> str:
    """Write a text as another is written."""
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
