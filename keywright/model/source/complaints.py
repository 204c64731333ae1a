"""A type's refusals as findings: what is wrong, at which place, in the words of the declarations' author."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from keywright.model.account.settings import Account
from keywright.model.declarations import Declarations
from keywright.model.fields.nearest import nearest
from keywright.model.fields.strict import MARK, MISTAKE
from keywright.model.fields.text import SHAPE
from keywright.model.source.places import owner, subject
from keywright.model.source.yaml_tree import (
    BrokenNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    in_words,
    place,
)
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import listed, on_one_line, quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as Many

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from keywright.model.source.places import Path, Places


def annotation_at(annotation: Any, path: Path) -> Any:
    """Follow a path, with the tags of kinds in it, through the types; none where they end."""
    for part in path:
        annotation = _step(_bare(annotation), part)
    return _bare(annotation)


def fields_of(annotation: Any) -> dict[str, FieldInfo]:
    """Give the fields of a type of declared things by their keys in YAML."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {field.alias or name: field for name, field in annotation.model_fields.items()}
    return {}


def kinds_of(annotation: Any) -> dict[str, Any]:
    """Give tag to type for things of several kinds."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    members = [get_args(member) for member in get_args(annotation) if get_origin(member) is Annotated]
    return {each.tag: member[0] for member in members for each in member[1:] if isinstance(each, Tag)}


def _bare(annotation: Any) -> Any:
    """Take away what only qualifies a type: metadata, and that it may be absent."""
    while get_origin(annotation) is Annotated and not kinds_of(annotation):
        annotation = get_args(annotation)[0]
    alternatives = [each for each in get_args(annotation) if each is not type(None)]
    if type(None) in get_args(annotation) and len(alternatives) == 1:
        return _bare(alternatives[0])
    return annotation


def _step(annotation: Any, part: str | int) -> Any:
    fields = fields_of(annotation)
    if fields:
        return fields[str(part)].annotation if part in fields else None
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0]
    return kinds_of(annotation).get(str(part))


MOST = 500
"""How many refusals one run lists."""
_KEY = "[key]"
_SHORT, _FEW = 64, 5
_ACCOUNT = '`account: {id: "111111111111", region: eu-central-1}`'


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
        """Make a finding at the place, or at another one."""
        location = at or self.places.at(*self.inner)
        return Finding(
            location, on_one_line(message), on_one_line(found or in_words(self.node)), on_one_line(accepted)
        )


def complaints(details: Many[ErrorDetails], places: Places) -> list[Finding]:
    """Give the findings that a type's refusals are; the first `MOST` of a run that refuses very much."""
    refusals = [_refusal(each, places) for each in details[:MOST]]
    findings = [_in_words(each) for each in refusals if not _follows(each)]
    if len(details) > MOST:
        last = Finding(
            place(places.root or MappingNode("declarations", 0, 0)),
            "more mistakes than a run lists",
            str(len(details)),
            f"the first {MOST}, mended",
        )
        findings.append(last)
    return findings


def _follows(refusal: _Refusal) -> bool:
    """Tell whether a refusal only follows from another: a part was refused as YAML, or a list lost its items."""
    emptied = (
        refusal.kind == "too_short" and isinstance(refusal.node, SequenceNode) and bool(refusal.node.items)
    )
    return emptied or isinstance(refusal.node, BrokenNode)


def _in_words(refusal: _Refusal) -> Finding:
    node = refusal.node
    if refusal.exists and isinstance(node, ScalarNode) and node.value is None:
        return _empty(refusal)
    return _WORDS.get(refusal.kind, _other)(refusal)


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
        annotation=annotation_at(Declarations, raw[:-1] if details["type"] == "extra_forbidden" else raw),
    )


def _unknown_key(refusal: _Refusal) -> Finding:
    name = str(refusal.path[-1])
    at = refusal.places.key(*refusal.path)
    if len(refusal.path) == 1 and name in fields_of(Account):
        return refusal.finding(
            "unknown section", f"`{name}` under `account`, indented", found=quoted(name), at=at
        )
    near = listed(nearest(name, fields_of(refusal.annotation)))
    where = "unknown section" if len(refusal.path) == 1 else f"unknown key in {subject(refusal.path[:-1])}"
    return refusal.finding(where, near, found=quoted(name), at=at)


def _missing(refusal: _Refusal) -> Finding:
    inside = refusal.path[:-1]
    message = f"`{refusal.path[-1]}` is missing in {subject(inside)}"
    present = list(refusal.node.values)[:_FEW] if isinstance(refusal.node, MappingNode) else []
    way_on = _ACCOUNT if refusal.path == ("account",) else f"`{refusal.path[-1]}: …`"
    return refusal.finding(message, way_on, found=listed(present) or "nothing")


def _shape(refusal: _Refusal) -> Finding:
    node, context, name = refusal.node, refusal.context, subject(refusal.path)
    if isinstance(node, ScalarNode) and not isinstance(node.value, str):
        fits = len(node.text) <= _SHORT and re.search(context.get("pattern") or "$", node.text)
        way_on = f'`"{node.text}"` in quotes' if fits else context["accepted"]
        return refusal.finding(f"{name} is not text", way_on)
    return refusal.finding(f"{name} is not {context['what']}", context["accepted"])


def _bad_name(refusal: _Refusal) -> Finding:
    name = str(refusal.path[-1])
    at = refusal.places.key(*refusal.path)
    message = f"the name of {subject(refusal.path)} is not {refusal.context['what']}"
    return refusal.finding(message, refusal.context["accepted"], found=quoted(name), at=at)


def _mistake(refusal: _Refusal) -> Finding:
    context = refusal.context
    return refusal.finding(
        context["message"].replace("{owner}", owner(refusal.path)),
        context["accepted"],
        found=context["found"],
    )


def _empty(refusal: _Refusal) -> Finding:
    fields, last = fields_of(refusal.annotation), refusal.path[-1]
    if fields:
        may = _may_say_nothing(refusal.annotation)
        way_on = "`{}`, or its keys" if may else f"keys such as {_first_keys(fields)}"
    else:
        without = f", or no {quoted(last)}" if isinstance(last, str) else ""
        way_on = f"{refusal.context.get('accepted', 'a value')}{without}"
    return refusal.finding(f"{subject(refusal.path)} is empty", way_on)


def _may_say_nothing(kind: type[BaseModel]) -> bool:
    try:
        kind.model_validate({})
    except ValidationError:
        return False
    return True


def _first_keys(fields: dict[str, FieldInfo]) -> str:
    required = [key for key, field in fields.items() if field.is_required()]
    return listed((required or list(fields))[:3])


def _no_mapping(refusal: _Refusal) -> Finding:
    fields = fields_of(refusal.annotation)
    way_on = (
        f"a mapping with keys such as {_first_keys(fields)}" if fields else "a mapping of names to values"
    )
    return refusal.finding(f"{subject(refusal.path)} is not a mapping", way_on)


def _no_list(refusal: _Refusal) -> Finding:
    node = refusal.node
    one = (
        f"`[{node.text}]`"
        if isinstance(node, ScalarNode) and isinstance(node.value, str) and node.text
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
    word = refusal.node.text if isinstance(refusal.node, ScalarNode) else ""
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
    kinds = [tag.removeprefix(MARK) for tag in kinds_of(refusal.annotation)]
    keys = list(refusal.node.values) if isinstance(refusal.node, MappingNode) else []
    kind = "more than one kind" if sum(each in keys for each in kinds) > 1 else "no known kind"
    found = listed(keys[:_FEW]) or in_words(refusal.node)
    return refusal.finding(
        f"{subject(refusal.path)} is of {kind}", f"exactly one of {listed(kinds)}", found=found
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
