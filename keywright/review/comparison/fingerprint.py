"""Fingerprints that are equal if both sides have the same text, so that unchanged parts are not compared."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.resolve import UNRESOLVED_EXPORT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.template import Resource, Template
    from keywright.assembly.templates.value import Unknown
    from keywright.policy.statement import Statement

_NAMES = re.compile(r"[A-Za-z0-9]+")
_REFERRED = ("Parameters", "Resources", "Conditions", "Mappings")
_DESCRIBED = frozenset({"Parameters", "Resources"})
_IRRELEVANT = frozenset(
    {"Metadata", "Description", "Tags", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"}
)
"""Attributes of resources that do not affect access."""


def fingerprint(value: Any) -> str:
    """Give the hash of a JSON value; the order of keys does not matter."""
    return sha256(
        # A JSON template can contain a lone surrogate, which plain UTF-8 refuses to encode.
        json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode(errors="surrogatepass")
    ).hexdigest()


def is_literal(statement: Statement) -> bool:
    """Tell whether a statement has policy variables that its document, of version 2008, takes literally."""
    # In a document without version 2012-10-17, `${aws:username}` is literal text ("IAM JSON policy elements:
    # Version").
    return not statement.knows_variables and "${" in json.dumps(statement.to_json())


def statement_key(statement: Statement) -> str:
    """Give a text that is equal for two statements with equal elements; their Sids do not matter."""
    content = {**statement.to_json(), "Sid": ""}
    return json.dumps([content, is_literal(statement)], sort_keys=True)


class ResourceFingerprints:
    """Fingerprints of parts of resources, with everything that they refer to."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, tuple[str | int, ...]], str] = {}

    def of(self, resource: Resource, path: tuple[str | int, ...] = ()) -> str:
        """Give the fingerprint of the value at a path of a resource, with everything that it refers to.

        The path's last step points at a statement, as `/Statement/3`. Where the path ends early, all above counts.
        """
        key = (id(resource), path)
        if key not in self._known:
            node = _node_at(resource.raw, path)
            condition = resource.raw.get("Condition")
            reached = dict(_referenced([node, condition], resource.template))
            around = list(_inherited_inputs(resource.template))
            self._known[key] = fingerprint([node, condition, reached, around])
        return self._known[key]

    def of_unknown(self, unknown: Unknown, templates: Mapping[str, Template]) -> str:
        """Give the fingerprint of a symbol's meaning; empty if it is unknown."""
        name = unknown.reference.partition(".")[0]
        template = templates.get(unknown.origin)
        if not name or "<" in unknown.reference:
            return ""
        if name.startswith(("AWS::", "{{resolve:")) or unknown.reason == UNRESOLVED_EXPORT:
            return fingerprint([unknown.reason, unknown.reference])
        if template is None or not any(
            name in template.section(each) for each in ("Parameters", "Resources")
        ):
            return ""
        return fingerprint([dict(_referenced(name, template)), list(_inherited_inputs(template))])


def text_fingerprint(node: Any, template: Template) -> Any:
    """Give the fingerprint of a value with its parameters, mappings, conditions, and the values that a parent stack passes."""
    reached = dict(_referenced(node, template, ("Parameters", "Conditions", "Mappings")))
    names = [name for name in template.parameter_values if f"Parameters/{name}" in reached]
    return fingerprint(
        [node, reached, [text_fingerprint(*template.parameter_values[name]) for name in names]]
    )


def _inherited_inputs(template: Template) -> Iterator[Any]:
    """Yield what else affects the value: macros, account and region, and the parent stacks that pass parameters."""
    tree = template.source.tree
    yield [tree.get("Transform") if isinstance(tree, dict) else None, template.account, template.region]
    above = template.parent
    # The parent's whole template counts, because any part of it may decide a parameter that it passes.
    while above is not None:
        yield _access_relevant(above.source.tree)
        above = above.parent


def _node_at(raw: Any, path: tuple[str | int, ...]) -> Any:
    """Give the value at a path; if an intrinsic function is in the way, the whole resource."""
    node = _access_relevant(raw)
    whole = node
    for step in (*path[:-1], *str(path[-1]).strip("/").split("/")) if path else ():
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and str(step).isdigit() and int(step) < len(node):
            node = node[int(step)]
        elif step:
            return whole
    return node


def _access_relevant(node: Any) -> Any:
    """Drop attributes that do not affect access."""
    if not isinstance(node, dict):
        return node
    plain = {key: value for key, value in node.items() if key not in _IRRELEVANT}
    properties = plain.get("Properties")
    return plain | {"Properties": _access_relevant(properties)} if isinstance(properties, dict) else plain


def _referenced(
    node: Any, template: Template, referred: tuple[str, ...] = _REFERRED
) -> Iterator[tuple[str, Node]]:
    """Yield every parameter, resource, condition and mapping that a value mentions, directly or indirectly."""
    seen: set[str] = set()
    queue: list[Any] = [node]
    sections = {kind: template.section(kind) for kind in referred}
    while queue:
        # Any word that equals a name counts as a reference: too many references are safe, a missed one is not.
        names = set(_NAMES.findall(json.dumps(queue.pop(), default=str))) - seen
        seen |= names
        for name in sorted(names):
            for kind, section in sections.items():
                if name in section:
                    found = _access_relevant(section[name]) if kind in _DESCRIBED else section[name]
                    yield f"{kind}/{name}", found
                    queue.append(found)
