"""Policies that a template writes out, with nothing for the deployment to decide: most are, and they are read at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.policy.document import Document
from keywright.policy.statement import VERSION_WITH_VARIABLES, Effect, Statement

if TYPE_CHECKING:
    from keywright.assembly.source import Node

_EFFECTS = {each.value: each for each in Effect}
_LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_KNOWN = frozenset({*_LISTS, "Sid", "Effect", "Condition"})
_OF_DOCUMENTS = frozenset({"Version", "Id", "Statement"})


def plain_document(node: Node, file: str) -> Document | None:
    """Read a policy of an identity; None where anything in it is not simply a text in its usual place."""
    if not isinstance(node, dict) or not _OF_DOCUMENTS.issuperset(node):
        return None
    written, version = node.get("Statement"), node.get("Version", "")
    if not isinstance(written, list) or not isinstance(version, str):
        return None
    knows_variables = version == VERSION_WITH_VARIABLES
    statements = tuple(_statement(each, at, knows_variables) for at, each in enumerate(written))
    known = tuple(each for each in statements if each is not None)
    return Document(known, VERSION_WITH_VARIABLES, file=file) if len(known) == len(statements) else None


def _statement(node: Node, at: int, knows_variables: bool) -> Statement | None:  # noqa: FBT001 - called for every one
    if not isinstance(node, dict) or not _KNOWN.issuperset(node):
        return None
    effect, sid = _EFFECTS.get(str(node.get("Effect"))), node.get("Sid", "")
    given: dict[str, Any] = {name: _texts(node[key]) for key, name in _LISTS.items() if key in node}
    conditions = _conditions(node["Condition"]) if "Condition" in node else {}
    if effect is None or conditions is None or None in given.values() or not _is_plain(sid):
        return None
    return Statement(
        effect,
        conditions=conditions,
        sid=str(sid),
        knows_variables=knows_variables,
        pointer=f"/Statement/{at}",
        **given,
    )


def _texts(node: Node) -> tuple[str, ...] | None:
    several = node if isinstance(node, list) else [node]
    return tuple(map(str, several)) if all(map(_is_plain, several)) else None


def _is_plain(node: Node) -> bool:
    return isinstance(node, str) and "{{resolve:" not in node


def _conditions(node: Node) -> dict[str, dict[str, tuple[str, ...]]] | None:
    """Read conditions on texts; in JSON and YAML those on truth and numbers are often written as such, and left."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    if not isinstance(node, dict) or _is_function(node):
        return None
    for operator, keys in node.items():
        if not isinstance(keys, dict) or _is_function(keys) or not keys:
            return None
        tests = {key: _texts(values) for key, values in keys.items()}
        found[operator] = {key: values for key, values in tests.items() if values}
        if len(found[operator]) < len(keys):
            return None
    return found


def _is_function(node: dict[str, Node]) -> bool:
    return any(key == "Ref" or key.startswith("Fn::") for key in node)
