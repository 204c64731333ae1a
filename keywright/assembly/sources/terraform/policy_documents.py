"""The data source `aws_iam_policy_document`, where only an apply reads it: the document that its statements will make.

Source: "Data Source: aws_iam_policy_document" (Terraform AWS provider). A statement replaces one of the same `sid` in the
documents of `source_policy_documents`, and one in `override_policy_documents` replaces it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources.terraform.values import Found, as_literal, is_function, parsed, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.assembly.sources.source import Node
    from keywright.assembly.sources.terraform.instances import Instance, Path
    from keywright.assembly.sources.terraform.values import Values

_LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_PRINCIPALS = {"Principal": "principals", "NotPrincipal": "not_principals"}
_VERSION = "2012-10-17"


def written_document(values: Values, data: Instance) -> Found:
    """Give the document; what is unknown in it stays unknown where it is."""
    own = _statements(values, data)
    sources = [*_documents(values, data, "source_json", "source_policy_documents")]
    overriding = [*_documents(values, data, "override_json", "override_policy_documents")]
    # A document that may replace any statement leaves none of them certain.
    if own is None or any(_sids(each) is None for each in overriding):
        return Found(unknown(data.address, "json"), data.path)
    merged: list[Node] = []
    for each in sources:
        merged += _merged(merged, _statements_of(each))
    merged = [each for each in merged if not _is_replaced(each, own)] + list(own)
    for each in overriding:
        statements = _statements_of(each)
        merged = [one for one in merged if not _is_replaced(one, statements)] + statements
    is_own = merged == own
    document: Node = {"Version": data.text("version") or _VERSION, "Statement": merged}
    return Found(document, data.path, _place if is_own else lambda _: ())


def _place(path: Path) -> Path:
    """Give the place of a statement among the blocks of the data source."""
    return ("statement", *path[1:2]) if path[:1] == ("Statement",) else ()


def _merged(before: list[Node], more: list[Node]) -> list[Node]:
    return [each for each in more if each not in before]


def _documents(values: Values, data: Instance, one: str, several: str) -> Iterable[Node]:
    """Yield the documents of two arguments; an unknown one as such."""
    for path in ((one,), (several,)):
        if data.is_unknown(*path) or data.is_hidden(*path):
            yield unknown(data.address, *path)
            continue
        written = data.raw(*path)
        texts = written if isinstance(written, list) else [written] if written else []
        targets = values.configuration.targets(values.side, data, path)
        for index, text in enumerate(texts):
            at = (*path, index) if isinstance(written, list) else path
            if text is not None and not data.is_unknown(*at):
                yield parsed(text, data.address, at) if text else {"Statement": []}
                continue
            target = targets[index] if len(targets) == len(texts) else None
            is_document = target is not None and target.target.type == data.type
            yield (
                values.policy_document(target.target).node
                if target and is_document
                else unknown(data.address, *at)
            )


def _statements_of(document: Node) -> list[Node]:
    """Give the statements of a document; an unknown document is one unknown statement."""
    if is_function(document) or not isinstance(document, dict):
        return [document]
    found = document.get("Statement")
    return found if isinstance(found, list) else [found] if found is not None else []


def _sids(document: Node) -> set[str] | None:
    """Give the `Sid` of each statement; None if one is not known."""
    found = set()
    for each in _statements_of(document):
        if is_function(each) or not isinstance(each, dict) or is_function(each.get("Sid")):
            return None
        found.add(str(each.get("Sid") or ""))
    return found


def _is_replaced(statement: Node, by: list[Node]) -> bool:
    sid = statement.get("Sid") if isinstance(statement, dict) else None
    return (
        isinstance(sid, str)
        and bool(sid)
        and any(isinstance(each, dict) and each.get("Sid") == sid for each in by)
    )


def _statements(values: Values, data: Instance) -> list[Node] | None:
    """Give the statements of the blocks; None if their number is not known."""
    if data.is_unknown("statement") or data.is_hidden("statement"):
        return None
    blocks = data.raw("statement")
    return [
        unknown(data.address, "statement", index)
        if data.is_unknown("statement", index) or data.is_hidden("statement", index)
        else _statement(values, data, ("statement", index))
        for index in range(len(blocks) if isinstance(blocks, list) else 0)
    ]


def _statement(values: Values, data: Instance, at: Path) -> Node:
    made: dict[str, Node] = {"Effect": _text(data, *at, "effect") or "Allow"}
    sid = _text(data, *at, "sid")
    if sid:
        made["Sid"] = sid
    for name, written in _LISTS.items():
        found = _texts(data, *at, written)
        if found:
            made[name] = found
    for name, written in _PRINCIPALS.items():
        named = _principals(values, data, (*at, written))
        if named:
            made[name] = named
    tests = _conditions(data, (*at, "condition"))
    if tests:
        made["Condition"] = tests
    return made


def _text(data: Instance, *path: str | int) -> Node:
    if data.is_unknown(*path) or data.is_hidden(*path):
        return unknown(data.address, *path)
    return as_literal(data.raw(*path), data.address, path)


def _texts(data: Instance, *path: str | int) -> Node:
    """Give a list of texts; its unknown items may be any text, as only a part of each may be unknown."""
    whole = _text(data, *path)
    if not isinstance(whole, list):
        return whole
    return [_interpolated(_text(data, *path, index)) for index in range(len(whole))]


def _interpolated(text: Node) -> Node:
    """Write a policy variable as IAM does: Terraform has `&{…}` for it in this data source."""
    return text.replace("&{", "${") if isinstance(text, str) else text


def _principals(values: Values, data: Instance, path: Path) -> Node:
    whole = _text(data, *path)
    if not isinstance(whole, list):
        return whole
    found: dict[str, Node] = {}
    for index in range(len(whole)):
        kind = _text(data, *path, index, "type")
        named = values.several(data, *path, index, "identifiers")
        if not isinstance(kind, str):
            return unknown(data.address, *path)
        if kind == "*" and named == ["*"]:
            return "*"
        name = "AWS" if kind == "*" else kind
        before = found.get(name)
        if is_function(named) or is_function(before):
            found[name] = unknown(data.address, *path, index, "identifiers")
        else:
            items = named if isinstance(named, list) else [named]
            found[name] = [*(before if isinstance(before, list) else []), *items]
    return found


def _conditions(data: Instance, path: Path) -> Node:
    whole = _text(data, *path)
    if not isinstance(whole, list):
        return whole
    tests: dict[str, dict[str, Node]] = {}
    for index in range(len(whole)):
        test, variable = _text(data, *path, index, "test"), _text(data, *path, index, "variable")
        if not isinstance(test, str) or not isinstance(variable, str):
            return unknown(data.address, *path)
        keys = tests.setdefault(test, {})
        keys[variable] = _both(keys.get(variable), _texts(data, *path, index, "values"))
    return {test: dict(keys) for test, keys in tests.items()}


def _both(one: Node, other: Node) -> Node:
    """Join two lists of values; either may be unknown as a whole."""
    if one is None:
        return other
    return (
        one + other
        if isinstance(one, list) and isinstance(other, list)
        else one
        if is_function(one)
        else other
    )
