"""Intrinsic functions for strings and lists, such as `Fn::Join`, `Fn::Sub`, `Fn::Split` and `Fn::FindInMap`.

Source: "Intrinsic function reference", CloudFormation User Guide. An unknown argument makes the result unknown, with
the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from keywright.assembly.templates.value import (
    Absent,
    Encoded,
    Text,
    Unknown,
    as_text,
    literal_text,
    text,
    value_at,
    with_dynamic_references,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.raw_template import RawTemplate
    from keywright.assembly.templates.value import Value


def json_of(value: Value) -> Text:
    """Write a value as JSON; anything but a string, list or mapping is unknown."""
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


_PLACEHOLDER = re.compile(r"\$\{([^}$]*)\}")


class Evaluator(Protocol):
    """Evaluates arguments; see `resolve.Evaluation`."""

    def value(self, node: Node, template: RawTemplate) -> Value:
        """Work out one value."""

    def referred(self, name: str, template: RawTemplate) -> Value:
        """Work out what a placeholder names: a parameter, a resource, or with a dot an attribute."""


def _join(evaluation: Evaluator, argument: Node, template: RawTemplate) -> Value:
    if not isinstance(argument, list) or len(argument) != 2:  # noqa: PLR2004 - a separator and a list
        return Unknown("`Fn::Join` takes a separator and a list")
    separator = as_text(evaluation.value(argument[0], template))
    items = evaluation.value(argument[1], template)
    if not isinstance(items, tuple):
        return items if isinstance(items, Unknown) else Unknown("`Fn::Join` takes a list")
    parts: list[str | Unknown | Text] = []
    for item in items:
        parts += [separator, as_text(item)] if parts else [as_text(item)]
    return with_dynamic_references(text(*parts))


def _sub(evaluation: Evaluator, argument: Node, template: RawTemplate) -> Value:
    form, given = argument, {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):  # noqa: PLR2004 - a form and values
        form, given = argument[0], argument[1]
    if not isinstance(form, str):
        return Unknown("`Fn::Sub` takes a string")
    parts: list[str | Unknown | Text] = []
    end = 0
    for found in _PLACEHOLDER.finditer(form):
        parts += [form[end : found.start()], _placeholder(evaluation, found[1], given, template)]
        end = found.end()
    return with_dynamic_references(text(*parts, form[end:]))


def _placeholder(evaluation: Evaluator, name: str, given: dict[str, Node], template: RawTemplate) -> Text:
    if name.startswith("!"):
        return Text((f"${{{name[1:]}}}",))
    if name in given:
        return as_text(evaluation.value(given[name], template))
    return as_text(evaluation.referred(name, template))


def _select(evaluation: Evaluator, argument: Node, template: RawTemplate) -> Value:
    if not isinstance(argument, list) or len(argument) != 2:  # noqa: PLR2004 - an index and a list
        return Unknown("`Fn::Select` takes an index and a list")
    index = as_text(evaluation.value(argument[0], template)).literal
    items = evaluation.value(argument[1], template)
    # Four digits are enough for a list, and Python refuses to convert a number of more than 4,300.
    if index is None or not re.fullmatch(r"[0-9]{1,4}", index) or not isinstance(items, tuple):
        return Unknown("an item of a list is known only at deployment")
    chosen = value_at(items, int(index))
    return Unknown("the list has no such item") if isinstance(chosen, Absent) else chosen


def _split(evaluation: Evaluator, argument: Node, template: RawTemplate) -> Value:
    """Split the known beginning of a text: an unknown part may have any number of separators."""
    if not isinstance(argument, list) or len(argument) != 2:  # noqa: PLR2004 - a separator and a text
        return Unknown("`Fn::Split` takes a separator and a string")
    separator = as_text(evaluation.value(argument[0], template)).literal
    source = as_text(evaluation.value(argument[1], template))
    if not separator or (not source.prefix and source.unknowns):
        return Unknown("it is split only at deployment", str(source))
    pieces: list[Value] = [literal_text(piece) for piece in source.prefix.split(separator)]
    if source.unknowns:
        pieces[-1] = Unknown("it is split only at deployment", str(source))
    return tuple(pieces)


def _find_in_map(evaluation: Evaluator, argument: Node, template: RawTemplate) -> Value:
    if not isinstance(argument, list) or len(argument) < 3:  # noqa: PLR2004 - a mapping and two keys
        return Unknown("`Fn::FindInMap` takes a mapping and two keys")
    keys = [as_text(evaluation.value(each, template)).literal for each in argument[:3]]
    found: Node = dict(template.section("Mappings"))
    for key in keys:
        found = found.get(key) if isinstance(found, dict) and key is not None else None
    if found is not None:
        return evaluation.value(found, template)
    if None not in keys and len(argument) == 4 and isinstance(argument[3], dict):  # noqa: PLR2004 - and a default
        return evaluation.value(argument[3].get("DefaultValue"), template)
    return Unknown("the mapping's key is known only at deployment")


def _to_json(evaluation: Evaluator, argument: Node, template: RawTemplate) -> Value:
    return json_of(evaluation.value(argument, template))


def _length(evaluation: Evaluator, argument: Node, template: RawTemplate) -> Value:
    items = evaluation.value(argument, template)
    if isinstance(items, tuple) and not any(isinstance(each, Unknown) for each in items):
        return Text((str(len(items)),))
    return Unknown("the length is known only at deployment")


def _base64(evaluation: Evaluator, argument: Node, template: RawTemplate) -> Value:
    return Encoded(evaluation.value(argument, template))


FUNCTIONS: Mapping[str, Callable[[Evaluator, Node, RawTemplate], Value]] = {
    "Fn::Base64": _base64,
    "Fn::FindInMap": _find_in_map,
    "Fn::Length": _length,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json,
}
