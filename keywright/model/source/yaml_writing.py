"""Writes declarations as YAML: sections and names as blocks, each value on one line."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LISTED = frozenset({"grants", "policies"})
"""Keys whose items get a line each."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ./_<>@-]*(?<! )")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
"""In lower case, what YAML 1.1 or 1.2 does not read as text."""


def scalar(text: str) -> str:
    """Write a text as a scalar, in quotes where a reader of any version of YAML could take it for something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def written(section: str, things: Mapping[str, Mapping[str, Any]]) -> str:
    """Write things of a section, without empty values."""
    lines = [f"{section}:"]
    for name, thing in things.items():
        lines += [f"  {in_flow(name)}:", *(f"    {line}" for line in _lines(thing))]
    return "\n".join(lines)


def _lines(thing: Mapping[str, Any]) -> Iterator[str]:
    for key, value in thing.items():
        if key in _LISTED and value:
            yield from (f"{key}:", *(f"  - {in_flow(each)}" for each in value))
        elif key not in _LISTED:
            yield f"{key}: {in_flow(value)}"


def in_flow(value: Any) -> str:
    """Write a value on one line, with control characters as YAML escapes: they could act on a terminal."""
    text = _dumped(value, unicode=True)
    return text if text.isprintable() else _dumped(value, unicode=False)


def _dumped(value: Any, *, unicode: bool) -> str:
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - needed for advice only

    text: str = yaml.safe_dump(
        _plain(value), default_flow_style=True, sort_keys=False, width=float("inf"), allow_unicode=unicode
    )
    # PyYAML ends a document that is a single scalar with `...`.
    return text.removesuffix("\n").removesuffix("\n...")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _day(each) if key == "until" else _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value


def _day(value: Any) -> Any:
    """Turn a day into a date, so that it is written without quotes."""
    return date.fromisoformat(value) if isinstance(value, str) else value
