"""Edits of single values in the text of a file: every other character stays, comments and layout too.

A file is not parsed and written again, which would reformat lines of others. Each edit changes text at the places that
libyaml gives; afterwards the whole text is parsed and compared with what was meant, so that an unusual layout gives no
edit rather than a wrong one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain
from keywright.model.source.yaml_writing import in_flow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from keywright.model.source.places import Path

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ITEM = re.compile(r" *-[ \t]+")
_REST = re.compile(r"[ \t]*,?[ \t]*(#[^\n]*)?(\r?\n|\Z)")
"""What can follow a value on its line, if the next one begins on another line."""


@dataclass(frozen=True, slots=True)
class Put:
    """Give a key of a mapping a value, whether or not it has one; the value is written on one line."""

    path: Path
    value: str | date | Mapping[str, str | date]


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove a key with its value, or an item of a list; nothing empty stays where it was the last one."""

    path: Path


@dataclass(frozen=True, slots=True)
class Spread:
    """Replace a text in a list by several texts, at least one."""

    path: Path
    values: tuple[str, ...]


YamlEdit = Put | Drop | Spread


class UneditableError(Exception):
    """The layout of the text at the path of an edit allows no such edit."""

    def __init__(self, path: Path) -> None:
        super().__init__("/".join(map(str, path)))
        self.path = path


def edited(text: str, edits: Iterable[YamlEdit]) -> str:
    """Apply edits to the text of a file without mistakes, one after the other.

    The path of a later edit is a path in what the earlier ones left.

    Raises:
        UneditableError: The layout at one of the paths does not allow it.
    """
    several = tuple(edits)
    at_once = _applied_at_once(text, several) if len(several) > 1 else None
    if at_once is not None:
        return at_once
    for edit in several:
        before = _plain(text)
        try:
            after = _applied(text, edit)
            is_meant = after is not None and _plain(after) == _meant(before, edit)
        except (LookupError, TypeError, yaml.YAMLError):
            raise UneditableError(edit.path) from None
        if after is None or before is None or not is_meant:
            raise UneditableError(edit.path)
        text = after
    return text


def _applied_at_once(text: str, edits: tuple[YamlEdit, ...]) -> str | None:
    """Apply many edits with one parse before and one after; None unless the result is what one after the other means."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
        changes = [_change_of(text, root, each) for each in edits]
        meant = _plain(text)
        for each in edits:
            meant = _meant(meant, each)
    except (LookupError, TypeError, yaml.YAMLError):
        return None
    known = sorted((each for each in changes if each is not None), key=lambda change: change[:2])
    if len(known) < len(edits) or any(end > start for (_, end, _), (start, _, _) in pairwise(known)):
        return None
    parts, at = [], 0
    for start, end, written in known:
        parts += [text[at:start], written]
        at = end
    after = "".join([*parts, text[at:]])
    return after if _plain(after) == meant else None


def _plain(text: str) -> Any:
    document = parse(text, "")
    if document.findings or document.duplicates:
        return None
    return plain(document.root) if document.root is not None else {}


def _meant(data: Any, edit: YamlEdit) -> Any:
    if isinstance(edit, Drop):
        return _without(data, edit.path)
    *_, key = edit.path
    if isinstance(edit, Spread):
        at, values = int(key), edit.values
        return _changed(
            data, edit.path[:-1], lambda items: (*items[:at], *map(_text, values), *items[at + 1 :])
        )
    return _changed(data, edit.path[:-1], lambda mapping: {**mapping, key: _plain(in_flow(edit.value))})


def _without(data: Any, path: Path) -> Any:
    *above, last = path
    parent = _at(data, tuple(above))
    if len(parent) == 1:
        return _without(data, tuple(above)) if above else {}
    if isinstance(parent, dict):
        return _changed(
            data, above, lambda mapping: {name: mapping[name] for name in mapping if name != last}
        )
    return _changed(data, above, lambda items: tuple(each for at, each in enumerate(items) if at != last))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _changed(data: Any, path: Any, change: Any) -> Any:
    if not path:
        return change(data)
    step, *rest = path
    if isinstance(data, dict):
        return {name: _changed(each, rest, change) if name == step else each for name, each in data.items()}
    return tuple(_changed(each, rest, change) if at == step else each for at, each in enumerate(data))


_Change = tuple[int, int, str]
"""Where a change of the text begins and ends, and what is written there."""


def _applied(text: str, edit: YamlEdit) -> str | None:
    change = _change_of(text, yaml.compose(text, Loader=_LOADER), edit)
    return None if change is None else f"{text[: change[0]]}{change[2]}{text[change[1] :]}"


def _change_of(text: str, root: Any, edit: YamlEdit) -> _Change | None:
    if isinstance(edit, Put):
        *above, key = edit.path
        return _put(text, _node(root, tuple(above)), str(key), in_flow(edit.value))
    if isinstance(edit, Spread):
        return _spread(text, _node(root, edit.path[:-1]), int(edit.path[-1]), [*map(in_flow, edit.values)])
    path = edit.path
    # Nothing empty stays: an empty section would be a mistake.
    while len(path) > 1 and len(_node(root, path[:-1]).value) == 1:
        path = path[:-1]
    parent, last = _node(root, path[:-1]), path[-1]
    if isinstance(parent, yaml.SequenceNode):
        at = int(last)
        parts = [(each.start_mark.index, each) for each in parent.value]
    else:
        at = next(index for index, (key, _) in enumerate(parent.value) if key.value == last)
        parts = [(key.start_mark.index, value) for key, value in parent.value]
    return _dropped(text, parent, parts, at)


def node_at(text: str, path: Path) -> Any:
    """Give libyaml's node at a path."""
    return _node(yaml.compose(text, Loader=_LOADER), path)


def _node(root: Any, path: Path) -> Any:
    node = root
    for step in path:
        node = node.value[step] if isinstance(step, int) else _value_of(node, step)
    return node


def _value_of(mapping: Any, name: str) -> Any:
    for key, value in mapping.value:
        if key.value == name:
            return value
    raise KeyError(name)


def ending(text: str) -> str:
    """Give the line end of a text."""
    return "\r\n" if "\r\n" in text else "\n"


def _put(text: str, mapping: Any, key: str, value: str) -> _Change | None:
    """Replace the value of a key, or add the key as the last one of its mapping."""
    for name, present in mapping.value:
        if name.value == key:
            if isinstance(present, yaml.ScalarNode):
                return present.start_mark.index, end_of(text, present), value
            return None
    if not mapping.value:
        return None
    name, last = mapping.value[-1]
    end = end_of(text, last)
    if mapping.flow_style:
        return end, end, f", {key}: {value}"
    margin = " " * name.start_mark.column
    line = text.find("\n", end)
    # The file does not end with a line end.
    if line < 0:
        return len(text), len(text), f"{ending(text)}{margin}{key}: {value}{ending(text)}"
    return line + 1, line + 1, f"{margin}{key}: {value}{ending(text)}"


def _spread(text: str, items: Any, at: int, values: list[str]) -> _Change | None:
    """Write several items in the place of one: side by side in flow style, otherwise a line for each."""
    item = items.value[at]
    start, end = item.start_mark.index, end_of(text, item)
    if not isinstance(item, yaml.ScalarNode):
        return None
    if items.flow_style:
        return start, end, ", ".join(values)
    margin = text[text.rfind("\n", 0, start) + 1 : start]
    if not _ITEM.fullmatch(margin):
        return None
    after = _next_line(text, end)
    # A comment behind the item stays behind the first of them.
    last = text[end:after] if text[end:after].endswith("\n") else text[end:after] + ending(text)
    return start, after, f"{values[0]}{last}{''.join(f'{margin}{each}{ending(text)}' for each in values[1:])}"


def _text(value: str) -> Any:
    return _plain(in_flow(value))


def end_of(text: str, node: Any) -> int:
    """Give the end of a value; libyaml ends one in block style only where the next value begins."""
    if isinstance(node, yaml.ScalarNode):
        start: int = node.start_mark.index
        return start + len(text[start : node.end_mark.index].rstrip())
    if node.flow_style or not node.value:
        end: int = node.end_mark.index
        return end
    last = node.value[-1]
    return end_of(text, last[1] if isinstance(last, tuple) else last)


def _dropped(text: str, parent: Any, parts: list[tuple[int, Any]], at: int) -> _Change | None:
    """Remove one part: its characters and a comma in flow style, its lines in block style."""
    start, value = parts[at]
    end = end_of(text, value)
    line = text.rfind("\n", 0, start) + 1
    before = text[line:start]
    if parent.flow_style:
        # A part on lines of its own is removed with them, so that no empty line is left.
        rest = _REST.match(text, end)
        if rest and not before.strip():
            return line, rest.end(), ""
        # One comma goes with the part: the one after it, or for the last part the one before it.
        if at + 1 < len(parts):
            return start, parts[at + 1][0], ""
        return (end_of(text, parts[at - 1][1]) if at else start), end, ""
    # The only key of a mapping that is an item of a list would leave an empty item.
    if before.strip() and not _ITEM.fullmatch(before):
        return None
    after = _next_line(text, end)
    return line, _comments_within(text, after, len(before) - len(before.lstrip())), ""


def _next_line(text: str, end: int) -> int:
    line = text.find("\n", end)
    return line + 1 if line >= 0 else len(text)


def _comments_within(text: str, line: int, margin: int) -> int:
    """Give the end of the comments that follow a removed part and are indented more than it: they belong to it."""
    while line < len(text):
        words = text[line : _next_line(text, line)]
        if not words.lstrip().startswith("#") or len(words) - len(words.lstrip()) <= margin:
            break
        line = _next_line(text, line)
    return line
