"""Turns pydantic's validation errors into findings: what is wrong, where, and what is accepted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from keywright.model.account.settings import Account
from keywright.model.declarations import Declarations
from keywright.model.fields.nearest import MOST as MOST_NEAR
from keywright.model.fields.nearest import nearest
from keywright.model.fields.strict import MARK, MISTAKE
from keywright.model.fields.text import SHAPE
from keywright.model.source.places import SECTION_OF_KIND, owner, subject
from keywright.model.source.secrets import NOT_SHOWN, may_hold_secret, may_show_text
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
    """Follow a path through the types, with the tags of unions in it; `None` if it leads nowhere."""
    for part in path:
        annotation = _step(_bare(annotation), part)
    return _bare(annotation)


def fields_of(annotation: Any) -> dict[str, FieldInfo]:
    """Give the fields of a type by their keys in YAML."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {field.alias or name: field for name, field in annotation.model_fields.items()}
    return {}


def kinds_of(annotation: Any) -> dict[str, Any]:
    """Give the types of a tagged union by their tags."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    members = [get_args(member) for member in get_args(annotation) if get_origin(member) is Annotated]
    return {each.tag: member[0] for member in members for each in member[1:] if isinstance(each, Tag)}


def _bare(annotation: Any) -> Any:
    """Remove metadata and `None` from an annotation."""
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
"""The most mistakes that one run reports."""
_KEY = "[key]"
_SHORT, _FEW = 64, 5
_SIMILAR = 0.6
_MANY_KINDS = 6
_ACCOUNT = '`account: {id: "111111111111", region: eu-central-1}`'


@dataclass(frozen=True, slots=True, eq=False)
class _Error:
    """One validation error: the path without tags, its annotation and node, and pydantic's details."""

    path: Path
    inner: Path
    node: Node
    exists: bool
    places: Places
    kind: str
    context: dict[str, Any]
    annotation: Any
    required: bool

    def finding(self, message: str, accepted: str, *, found: str = "", at: Location | None = None) -> Finding:
        """Make a finding at the error's place, or at another one."""
        location = at or self.places.at(*self.inner)
        return Finding(
            location, on_one_line(message), on_one_line(found or self.in_words()), on_one_line(accepted)
        )

    @property
    def is_shown(self) -> bool:
        """Whether the value at the error can be shown: it is no secret by its key."""
        is_value = isinstance(self.node, ScalarNode) and not isinstance(self.node.value, bool | None)
        return not (is_value and may_hold_secret(self.inner))

    def in_words(self) -> str:
        """Describe the value at the error."""
        return in_words(self.node) if self.is_shown else NOT_SHOWN


def validation_findings(details: Many[ErrorDetails], places: Places) -> list[Finding]:
    """Give the findings of pydantic's error details, at most `MOST`."""
    errors = _distinct(
        [each for each in (_error(one, places) for one in details[:MOST]) if not _follows(each)]
    )
    lacking = _lacking(errors)
    findings = [
        _unknown_key(each, lacking[each]) if each in lacking else _describe(each)
        for each in errors
        if each.kind != "missing" or each.path[:-1] not in {other.path[:-1] for other in lacking}
    ]
    if len(details) > MOST:
        last = Finding(
            place(places.root or MappingNode("declarations", 0, 0)),
            "there are more mistakes than one run reports",
            str(len(details)),
            f"the first {MOST} corrected",
        )
        findings.append(last)
    return findings


def _distinct(errors: list[_Error]) -> list[_Error]:
    """Leave out errors of what a validator made of a value, if the value itself has one."""
    malformed = {id(each.node) for each in errors if each.exists}
    return [
        each for each in errors if each.exists or each.kind == "missing" or id(each.node) not in malformed
    ]


def _lacking(errors: list[_Error]) -> dict[_Error, list[str]]:
    """Give the missing keys of each mapping with an unknown key: the unknown one that is most similar may be meant."""
    found: dict[_Error, list[str]] = {}
    unknown = [each for each in errors if each.kind == "extra_forbidden"]
    for parent in dict.fromkeys(each.path[:-1] for each in unknown):
        missing = [
            str(each.path[-1]) for each in errors if each.kind == "missing" and each.path[:-1] == parent
        ]
        if missing:
            here = [each for each in unknown if each.path[:-1] == parent]
            found[
                max(here, key=lambda each: max(_similarity(str(each.path[-1]), key) for key in missing))
            ] = missing
    return found


def _similarity(word: str, other: str) -> float:
    return SequenceMatcher(None, word[:_SHORT], other).ratio()


def _follows(error: _Error) -> bool:
    """Tell whether an error only follows from another: of broken YAML, or of a list without its malformed items."""
    node = error.node
    has_content = bool(
        (isinstance(node, SequenceNode) and node.items) or (isinstance(node, MappingNode) and node.values)
    )
    emptied = error.kind == "too_short" and error.exists and has_content
    return emptied or isinstance(error.node, BrokenNode)


def _describe(error: _Error) -> Finding:
    node = error.node
    if error.exists and isinstance(node, ScalarNode) and node.value is None:
        return _empty(error)
    return _WORDS.get(error.kind, _other)(error)


def _error(details: ErrorDetails, places: Places) -> _Error:
    raw = details["loc"]
    path = tuple(part for part in raw if not (isinstance(part, str) and part.startswith(MARK)))
    if path[-1:] == (_KEY,):
        path = path[:-1]
    steps = places.along(path)
    return _Error(
        path=path,
        inner=path[: len(steps) - 1],
        node=steps[-1][1],
        exists=len(steps) == len(path) + 1,
        places=places,
        kind=_KEY if raw[-1:] == (_KEY,) else details["type"],
        context=details.get("ctx", {}),
        # An unknown key has no type of its own; the type around it has the known keys.
        annotation=annotation_at(Declarations, raw[:-1] if details["type"] == "extra_forbidden" else raw),
        required=_is_required(raw),
    )


def _is_required(path: Path) -> bool:
    field = fields_of(annotation_at(Declarations, path[:-1])).get(str(path[-1])) if path else None
    return field is not None and field.is_required()


def _unknown_key(error: _Error, lacking: Many[str] = ()) -> Finding:
    """Report an unknown key; with the keys that are `lacking` beside it, one of which was probably meant."""
    name = str(error.path[-1])
    at = error.places.key(*error.path)
    found = quoted(name) if may_show_text(name) else NOT_SHOWN
    # A setting of the account that is not indented.
    if len(error.path) == 1 and name in fields_of(Account):
        return error.finding("unknown section", f"`{name}` under `account`, indented", found=found, at=at)
    near = listed(nearest(name, fields_of(error.annotation)))
    if lacking:
        near = f"{listed(lacking, 'and')}, which {'is' if len(lacking) == 1 else 'are'} missing"
    elif _is_grant(name, error.annotation):
        near = f"`grants: [{{{name}: …}}]`"
    where = "unknown section" if len(error.path) == 1 else f"unknown key in {subject(error.path[:-1])}"
    return error.finding(where, near, found=found, at=at)


def _is_grant(name: str, annotation: Any) -> bool:
    """Tell whether an unknown key of something with grants is the first key of a grant."""
    grants = fields_of(annotation).get("grants")
    return grants is not None and f"{MARK}{name}" in kinds_of(_step(_bare(grants.annotation), 0))


def _missing(error: _Error) -> Finding:
    inside = error.path[:-1]
    message = f"`{error.path[-1]}` is missing in {subject(inside)}"
    present = list(error.node.values)[:_FEW] if isinstance(error.node, MappingNode) else []
    accepted = _ACCOUNT if error.path == ("account",) else f"`{error.path[-1]}: …`"
    return error.finding(message, accepted, found=listed(present) or "nothing")


def _shape(error: _Error) -> Finding:
    node, context, name = error.node, error.context, subject(error.path)
    if isinstance(node, ScalarNode) and not isinstance(node.value, str):
        # A number may be meant as text, such as an account number without quotes.
        fits = (
            error.is_shown
            and len(node.text) <= _SHORT
            and re.search(context.get("pattern") or "$", node.text)
        )
        accepted = f'`"{node.text}"` in quotes' if fits else context["accepted"]
        return error.finding(f"{name} is not text", accepted)
    near = _nearest_things(error, similar=True)
    accepted = f"{listed(near)}; {context['accepted']}" if near else context["accepted"]
    return error.finding(f"{name} is not {context['what']}", accepted)


def _nearest_things(error: _Error, *, similar: bool = False) -> list[str]:
    """Give declared things of the accepted kinds with similar names, such as `role/vendor`; at least one, unless `similar`."""
    sections = error.places.root.values if error.places.root else {}
    named = {
        f"{kind}/{name}": name
        for kind in error.context.get("kinds", ())
        for name in getattr(sections.get(SECTION_OF_KIND[kind]), "keys", ())
    }
    word = error.node.text if isinstance(error.node, ScalarNode) else ""
    # Without a slash, the kind is missing, and the name is what can be misspelled.
    ratios = {each: _similarity(word, each if "/" in word else name) for each, name in named.items()}
    best = sorted(ratios, key=lambda each: -ratios[each])[:MOST_NEAR]
    return [each for each in best if not similar or ratios[each] >= _SIMILAR]


def _bad_name(error: _Error) -> Finding:
    name = str(error.path[-1])
    at = error.places.key(*error.path)
    message = f"the name of {subject(error.path)} is not {error.context['what']}"
    return error.finding(message, error.context["accepted"], found=quoted(name), at=at)


def _mistake(error: _Error) -> Finding:
    context = error.context
    near = listed(_nearest_things(error)) or "`role/…`"
    return error.finding(
        context["message"].replace("{owner}", owner(error.path)),
        context["accepted"].replace("{nearest}", near),
        found=context["found"],
    )


def _empty(error: _Error) -> Finding:
    fields, last = fields_of(error.annotation), error.path[-1]
    if fields:
        may = _can_be_empty(error.annotation)
        accepted = "`{}`, or its keys" if may else f"keys such as {_first_keys(fields)}"
    else:
        without = f", or no {quoted(last)}" if isinstance(last, str) and not error.required else ""
        accepted = f"{error.context.get('accepted', 'a value')}{without}"
    return error.finding(f"{subject(error.path)} is empty", accepted)


def _can_be_empty(kind: type[BaseModel]) -> bool:
    try:
        kind.model_validate({})
    except ValidationError:
        return False
    return True


def _first_keys(fields: dict[str, FieldInfo]) -> str:
    required = [key for key, field in fields.items() if field.is_required()]
    return listed((required or list(fields))[:3])


def _no_mapping(error: _Error) -> Finding:
    fields = fields_of(error.annotation)
    accepted = (
        f"a mapping with keys such as {_first_keys(fields)}" if fields else "a mapping of names to values"
    )
    return error.finding(f"{subject(error.path)} is not a mapping", accepted)


def _no_list(error: _Error) -> Finding:
    node = error.node
    one = (
        f"`[{node.text}]`"
        if isinstance(node, ScalarNode) and isinstance(node.value, str) and node.text and error.is_shown
        else "`[]`, or items"
    )
    return error.finding(f"{subject(error.path)} is not a list", one)


def _no_boolean(error: _Error) -> Finding:
    return error.finding(f"{subject(error.path)} is not true or false", "`true` or `false`")


def _no_number(error: _Error) -> Finding:
    return error.finding(f"{subject(error.path)} is not a whole number", "a whole number, without quotes")


def _out_of_range(error: _Error) -> Finding:
    bounds = {"ge": "at least", "le": "at most"}
    accepted = " ".join(f"{bounds[key]} {value}" for key, value in error.context.items() if key in bounds)
    return error.finding(f"{subject(error.path)} is out of range", accepted)


def _unknown_value(error: _Error) -> Finding:
    # pydantic gives the accepted values only as part of this text.
    known = re.findall(r"'([^']*)'", str(error.context["expected"])) or [
        str(error.context["expected"]).lower()
    ]
    word = error.node.text if isinstance(error.node, ScalarNode) and error.is_shown else ""
    return error.finding(f"{subject(error.path)} has an unknown value", listed(nearest(word, known)))


def _too_many(error: _Error) -> Finding:
    found = str(error.context["actual_length"])
    return error.finding(
        f"{subject(error.path)} has too many entries",
        f"at most {error.context['max_length']}",
        found=found,
    )


def _too_few(error: _Error) -> Finding:
    return error.finding(
        f"{subject(error.path)} is empty", f"at least {error.context['min_length']}", found="nothing"
    )


def _no_kind(error: _Error) -> Finding:
    kinds = [tag.removeprefix(MARK) for tag in kinds_of(error.annotation)]
    keys = list(error.node.values) if isinstance(error.node, MappingNode) else []
    kind = "more than one kind" if sum(each in keys for each in kinds) > 1 else "no known kind"
    found = listed(keys[:_FEW]) or error.in_words()
    accepted = f"exactly one of {listed(kinds)}"
    if keys and kind == "no known kind" and len(kinds) > _MANY_KINDS:
        near = list(dict.fromkeys(each for key in keys for each in nearest(key, kinds)))[:MOST_NEAR]
        accepted = f"{listed(near)}, or another one of {len(kinds)} kinds"
    return error.finding(f"{subject(error.path)} is of {kind}", accepted, found=found)


def _other(error: _Error) -> Finding:
    return error.finding(f"{subject(error.path)} is invalid", "what `keywright schema` describes")


_WORDS: dict[str, Callable[[_Error], Finding]] = {
    _KEY: _bad_name,
    MISTAKE: _mistake,
    SHAPE: _shape,
    "bool_type": _no_boolean,
    "dict_type": _no_mapping,
    "enum": _unknown_value,
    "extra_forbidden": _unknown_key,
    "greater_than_equal": _out_of_range,
    "int_type": _no_number,
    "less_than_equal": _out_of_range,
    "literal_error": _unknown_value,
    "missing": _missing,
    "model_type": _no_mapping,
    "too_long": _too_many,
    "too_short": _too_few,
    "tuple_type": _no_list,
    "union_tag_not_found": _no_kind,
}
