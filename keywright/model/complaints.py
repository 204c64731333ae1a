"""A type's refusals as findings: what is wrong, at which place, in the words of the declarations' author."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Tag

from keywright.finding import Finding, Location
from keywright.model.declarations import Declarations
from keywright.model.kind import MARK
from keywright.model.nearest import listed, nearest
from keywright.model.shape import SHAPE
from keywright.model.strict import MISTAKE
from keywright.model.subject import owner, subject
from keywright.model.yaml_tree import Broken, Mapping, Node, Scalar, in_words, place

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from keywright.model.places import Places
    from keywright.model.subject import Path

MOST = 1000
"""How many refusals one run lists."""
_KEY = "[key]"


@dataclass(frozen=True, slots=True)
class _Refusal:
    """One refusal: the path without tags, the annotation and node it leads to, and the library's own details."""

    path: Path
    inner: Path
    node: Node
    exists: bool
    places: Places
    kind: str
    context: dict[str, Any]
    annotation: Any

    def finding(self, message: str, accepted: str, *, found: str = "", at: Location | None = None) -> Finding:
        return Finding(at or self.places.at(*self.inner), message, found or in_words(self.node), accepted)


def complaints(error: ValidationError, places: Places) -> list[Finding]:
    """Give the findings that a type's refusals are; the first `MOST` of a run that refuses very much."""
    details = error.errors(include_url=False, include_input=False)
    refusals = [_refusal(each, places) for each in details[:MOST]]
    findings = [_WORDS.get(each.kind, _other)(each) for each in refusals if not isinstance(each.node, Broken)]
    if len(details) > MOST:
        last = Finding(
            place(places.root or Mapping("declarations", 0, 0)),
            "more mistakes than a run lists",
            str(len(details)),
            f"the first {MOST}, mended",
        )
        findings.append(last)
    return findings


def _refusal(details: ErrorDetails, places: Places) -> _Refusal:
    raw = details["loc"]
    path = tuple(part for part in raw if not (isinstance(part, str) and part.startswith(MARK)))
    if path[-1:] == (_KEY,):
        path = path[:-1]
    steps = places.along(path)
    return _Refusal(
        path=path,
        inner=path[: len(steps) - 1],
        node=steps[-1][1],
        exists=len(steps) == len(path) + 1,
        places=places,
        kind=_KEY if raw[-1:] == (_KEY,) else details["type"],
        context=details.get("ctx", {}),
        annotation=_annotation(Declarations, raw[:-1] if details["type"] == "extra_forbidden" else raw),
    )


def _annotation(annotation: Any, path: Path) -> Any:
    """Follow a path through the types; none where they end."""
    for part in path:
        annotation = _step(_bare(annotation), part)
    return _bare(annotation)


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated and not _tags(annotation):
        annotation = get_args(annotation)[0]
    alternatives = [each for each in get_args(annotation) if each is not type(None)]
    if type(None) in get_args(annotation) and len(alternatives) == 1:
        return _bare(alternatives[0])
    return annotation


def _tags(annotation: Any) -> dict[str, Any]:
    """Give tag to member of a union of kinds."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    members = [get_args(member) for member in get_args(annotation) if get_origin(member) is Annotated]
    return {each.tag: member[0] for member in members for each in member[1:] if isinstance(each, Tag)}


def _step(annotation: Any, part: str | int) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        named = {field.alias or name: field for name, field in fields.items()}
        return named[str(part)].annotation if part in named else None
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0]
    return _tags(annotation).get(str(part))


def keys_of(annotation: Any) -> list[str]:
    """Give the keys that a type of declared things has in YAML."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [field.alias or name for name, field in annotation.model_fields.items()]
    return []


def _unknown_key(refusal: _Refusal) -> Finding:
    name = str(refusal.path[-1])
    at = refusal.places.key(*refusal.path)
    near = listed(nearest(name, keys_of(refusal.annotation)))
    where = "unknown section" if len(refusal.path) == 1 else f"unknown key in {subject(refusal.path[:-1])}"
    return refusal.finding(where, near, found=f"`{name}`", at=at)


def _missing(refusal: _Refusal) -> Finding:
    inside = refusal.path[:-1]
    message = f"`{refusal.path[-1]}` is missing in {subject(inside)}"
    present = listed(refusal.node.values) if isinstance(refusal.node, Mapping) else ""
    return refusal.finding(message, f"`{refusal.path[-1]}: …`", found=present or "nothing")


def _shape(refusal: _Refusal) -> Finding:
    node, accepted = refusal.node, refusal.context["accepted"]
    name = subject(refusal.path)
    if isinstance(node, Scalar) and node.value is None:
        return refusal.finding(f"{name} is empty", accepted)
    if isinstance(node, Scalar) and not isinstance(node.value, str):
        return refusal.finding(
            f"{name} is not text", f'`"{node.text}"` in quotes, if that is meant: {accepted}'
        )
    return refusal.finding(f"{name} is not {refusal.context['what']}", accepted)


def _bad_name(refusal: _Refusal) -> Finding:
    name = str(refusal.path[-1])
    at = refusal.places.key(*refusal.path)
    message = f"{owner(refusal.path)} is not called by {refusal.context['what']}"
    return refusal.finding(message, refusal.context["accepted"], found=f"`{name}`", at=at)


def _mistake(refusal: _Refusal) -> Finding:
    context = refusal.context
    return refusal.finding(
        context["message"].replace("{owner}", owner(refusal.path)),
        context["accepted"],
        found=context["found"],
    )


def _no_mapping(refusal: _Refusal) -> Finding:
    name, keys = subject(refusal.path), keys_of(refusal.annotation)
    empty = isinstance(refusal.node, Scalar) and refusal.node.value is None
    message = f"{name} is empty" if empty else f"{name} is not a mapping"
    required = [
        field.alias or key for key, field in _fields(refusal.annotation).items() if field.is_required()
    ]
    way_on = "`{}`, or its keys" if empty and not required else "a mapping with keys"
    return refusal.finding(message, f"{way_on} such as {listed((required or keys)[:3])}" if keys else way_on)


def _fields(annotation: Any) -> dict[str, Any]:
    return annotation.model_fields if keys_of(annotation) else {}


def _no_list(refusal: _Refusal) -> Finding:
    one = (
        f"`[{refusal.node.text}]`"
        if isinstance(refusal.node, Scalar) and refusal.node.text
        else "`[]`, or items"
    )
    return refusal.finding(f"{subject(refusal.path)} is not a list", one)


def _no_truth(refusal: _Refusal) -> Finding:
    return refusal.finding(f"{subject(refusal.path)} is neither true nor false", "`true` or `false`")


def _no_number(refusal: _Refusal) -> Finding:
    return refusal.finding(f"{subject(refusal.path)} is not a whole number", "a whole number, without quotes")


def _out_of_range(refusal: _Refusal) -> Finding:
    bounds = {"ge": "at least", "le": "at most"}
    accepted = " ".join(f"{bounds[key]} {value}" for key, value in refusal.context.items() if key in bounds)
    return refusal.finding(f"{subject(refusal.path)} is out of range", accepted)


def _none_of(refusal: _Refusal) -> Finding:
    known = re.findall(r"'([^']*)'", str(refusal.context["expected"])) or [
        str(refusal.context["expected"]).lower()
    ]
    word = refusal.node.text if isinstance(refusal.node, Scalar) else ""
    return refusal.finding(f"{subject(refusal.path)} has no such value", listed(nearest(word, known)))


def _too_many(refusal: _Refusal) -> Finding:
    found = str(refusal.context["actual_length"])
    return refusal.finding(
        f"{subject(refusal.path)} has too many entries",
        f"at most {refusal.context['max_length']}",
        found=found,
    )


def _too_few(refusal: _Refusal) -> Finding:
    return refusal.finding(
        f"{subject(refusal.path)} is empty", f"at least {refusal.context['min_length']}", found="nothing"
    )


def _no_kind(refusal: _Refusal) -> Finding:
    kinds = listed(tag.removeprefix(MARK) for tag in _tags(refusal.annotation))
    found = listed(refusal.node.values) if isinstance(refusal.node, Mapping) else in_words(refusal.node)
    return refusal.finding(
        f"{subject(refusal.path)} is not of one kind", f"exactly one of {kinds}", found=found or "nothing"
    )


def _other(refusal: _Refusal) -> Finding:
    return refusal.finding(f"{subject(refusal.path)} can't be read", "what `keywright schema` describes")


_WORDS: dict[str, Callable[[_Refusal], Finding]] = {
    _KEY: _bad_name,
    MISTAKE: _mistake,
    SHAPE: _shape,
    "bool_type": _no_truth,
    "dict_type": _no_mapping,
    "enum": _none_of,
    "extra_forbidden": _unknown_key,
    "greater_than_equal": _out_of_range,
    "int_type": _no_number,
    "less_than_equal": _out_of_range,
    "literal_error": _none_of,
    "missing": _missing,
    "model_type": _no_mapping,
    "too_long": _too_many,
    "too_short": _too_few,
    "tuple_type": _no_list,
    "union_tag_not_found": _no_kind,
}
