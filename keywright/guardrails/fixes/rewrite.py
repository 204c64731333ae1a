"""A rewrite of one template: edits of its text that change no other character, and the same changes of its data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.assembly.sources.source import Lines, Source
from keywright.guardrails.fixes.changes import (
    CannotRewriteError,
    Insert,
    Path,
    Put,
    Remove,
    Rename,
    exact_path,
    value_at,
)
from keywright.guardrails.fixes.layout import ONE_LINE_VALUE, Layout, MemberPlace, in_quotes, require_blank
from keywright.reporting.finding import Edit, Fix

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node, Span
    from keywright.guardrails.fixes.changes import Change

Replacement = tuple[int, int, str]
"""Start, end, and the new text between them."""


_lines = lru_cache(maxsize=4)(Lines.of)
"""The line starts of recent texts, cached because one template can have many fixes."""


@dataclass(frozen=True)
class Rewriting(Fix):
    """A fix, and the changes of the data that its edits must produce."""

    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Rewrite:
    """Edits of one source, collected step by step; an impossible step raises `CannotRewriteError`."""

    source: Source
    changes: tuple[Change, ...] = ()
    replacements: tuple[Replacement, ...] = ()

    @property
    def _layout(self) -> Layout:
        return Layout(self.source)

    @property
    def tree(self) -> Node:
        """Return the template's data after the rewrite."""
        tree = self.source.tree
        for change in self.changes:
            tree = change.apply(tree)
        return tree

    def as_fix(self, message: str, *, widens: bool) -> Rewriting:
        """Return the edits with line and column."""
        lines, file = _lines(self.source.characters), self.source.file
        edits = tuple(
            Edit(lines.at(file, start), lines.at(file, end), text) for start, end, text in self.replacements
        )
        return Rewriting(message, edits, widens, self.changes)

    # Steps

    def with_text(self, path: Path, new: str) -> Rewrite:
        """Replace a text by another, in the same quotes."""
        path, span = self._at(path)
        if not isinstance(value_at(self.source.tree, path), str):
            raise CannotRewriteError
        return self._and(Put(path, new), (span.start, span.end, in_quotes(new, self._layout.text(span))))

    def with_value(self, path: Path, new: Node) -> Rewrite:
        """Replace any value by another, on one line."""
        path, span = self._at(path)
        return self._and(Put(path, new), (span.outer, span.end, self._layout.on_one_line(new)))

    def with_suffix(self, path: Path, suffix: str) -> Rewrite:
        """Append characters to a text, or to the template of an `Fn::Sub`."""
        path, _ = self._at(path)
        if isinstance(value_at(self.source.tree, path), dict):
            path = (*path, "Fn::Sub")
        (path, span), old = self._at(path), value_at(self.source.tree, path)
        if not isinstance(old, str) or not self._layout.text(span):
            raise CannotRewriteError
        at = span.end - (self._layout.text(span)[-1] in "\"'")
        return self._and(Put(path, f"{old}{suffix}"), (at, at, suffix))

    def with_another(self, path: Path, value: Node) -> Rewrite:
        """Replace a single value by a list of it and another, on one line."""
        path, span = self._at(path)
        old = self.source.characters[span.outer : span.end]
        if not ONE_LINE_VALUE.fullmatch(old):
            old = self._layout.on_one_line(value_at(self.source.tree, path))
        changed = Put(path, [value_at(self.source.tree, path), value])
        return self._and(changed, (span.outer, span.end, f"[{old}, {self._layout.on_one_line(value)}]"))

    def with_key(self, path: Path, key: str) -> Rewrite:
        """Rename a member, in the same quotes."""
        path, span = self._at(path)
        if span.key is None:
            raise CannotRewriteError
        start, end = span.key
        quoted = in_quotes(key, self.source.characters[start:end])
        return self._and(Rename(path, key), (start, end, quoted))

    def with_member(self, path: Path, key: str, value: Node) -> Rewrite:
        """Add a member to a mapping, after the others."""
        path, span = self._at(path)
        node = value_at(self.source.tree, path)
        if not isinstance(node, dict) or key in node:
            raise CannotRewriteError
        place = self._layout.place_of_member(path, span, list(node))
        start, before, after = place.start, place.before, place.after
        return self._and(
            Put((*path, key), value),
            (start, start, f"{before}{self._layout.member(key, value, place)}{after}"),
        )

    def with_first_member(self, path: Path, key: str, value: str) -> Rewrite:
        """Add a member to a mapping, before the others."""
        path, span = self._at(path)
        node = value_at(self.source.tree, path)
        first = self.source.span(*path, next(iter(node))) if isinstance(node, dict) and node else None
        if first is None or first.key is None or not isinstance(node, dict) or key in node:
            raise CannotRewriteError
        at = first.key[0]
        gap = (
            self.source.characters[span.start + 1 : at]
            if span.is_flow
            else f"{self._layout.line_end_text}{' ' * (at - self._layout.line_start(at))}"
        )
        separator = (
            f",{require_blank(gap) or ('' if self._layout.is_minified else ' ')}" if span.is_flow else gap
        )
        member = self._layout.member(key, value, MemberPlace(at, "", "", ""))
        return self._and(Put((*path, key), value), (at, at, f"{member}{separator}"))

    def with_item(self, path: Path, value: Node) -> Rewrite:
        """Insert an item after the one at `path`, on a line of its own if that one has one."""
        path, span = self._at(path)
        *above, index = path
        around = self.source.span(*above)
        if around is None or not isinstance(index, int):
            raise CannotRewriteError
        written = self._layout.on_one_line(value)
        if around.is_flow:
            before = self._layout.gap_before(tuple(above), index, around) or (
                "" if self._layout.is_minified else " "
            )
            place, text = span.end, f",{before}{written}"
        else:
            place, text = (
                self._layout.line_end(span.end),
                f"{self._layout.line_end_text}{self._layout.dash(span)}- {written}",
            )
        return self._and(Insert((*above, index + 1), value), (place, place, text))

    def without_item(self, path: Path) -> Rewrite:
        """Remove an item from a list of several."""
        path, span = self._at(path)
        *above, index = path
        around, siblings = self.source.span(*above), value_at(self.source.tree, tuple(above))
        if (
            around is None
            or not isinstance(siblings, list)
            or len(siblings) == 1
            or not isinstance(index, int)
        ):
            raise CannotRewriteError
        start, end = (
            self._layout.between_commas(tuple(above), index, len(siblings), span)
            if around.is_flow
            else self._layout.lines_of(span)
        )
        return self._and(Remove(path), (start, end, ""))

    def _and(self, change: Change, replacement: Replacement) -> Rewrite:
        return replace(
            self,
            changes=(*self.changes, change),
            replacements=tuple(sorted((*self.replacements, replacement))),
        )

    def _at(self, path: Path) -> tuple[Path, Span]:
        path = exact_path(self.source.tree, path)
        span = self.source.span(*path)
        if span is None:
            raise CannotRewriteError
        return path, span
