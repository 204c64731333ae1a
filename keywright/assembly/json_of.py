"""A value as JSON text, as `Fn::ToJsonString` writes it; unknown parts stay unknown within it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from keywright.assembly.value import Absent, Text, as_text, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.assembly.value import Unknown, Value


def json_of(value: Value) -> Text:
    """Write a value; what is no text, list or mapping is unknown."""
    match value:
        case Text():
            return text('"', *map(_escaped, value.parts), '"')
        case Absent():
            return text("null")
        case tuple():
            return text("[", *_separated(map(json_of, value)), "]")
        case Mapping():
            members = (text(json.dumps(name), ": ", json_of(each)) for name, each in value.items())
            return text("{", *_separated(members), "}")
        case _:
            return as_text(value)


def _escaped(part: str | Unknown) -> str | Unknown:
    return json.dumps(part, ensure_ascii=False)[1:-1] if isinstance(part, str) else part


def _separated(several: Iterable[Text]) -> list[str | Text]:
    found: list[str | Text] = []
    for each in several:
        found += [", ", each] if found else [each]
    return found
