"""Marks that are equal where two sides say the same, so that nothing is compared that nobody changed."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.source import Node
    from keywright.assembly.template import Resource, Template

_NAMES = re.compile(r"[A-Za-z0-9]+")
_DECIDING = ("Conditions", "Mappings", "Transform", "Rules")


def fingerprint(value: Any) -> str:
    """Mark a JSON value; the order of a mapping's keys does not count."""
    return sha256(
        json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode(errors="surrogatepass")
    ).hexdigest()


class Meaning:
    """Marks what a resource's text means, where only the deployment decides it: with all that it may refer to."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, tuple[str | int, ...]], str] = {}

    def of(self, resource: Resource, path: tuple[str | int, ...] = ()) -> str:
        """Mark what stands at a path of a resource, with everything that its template lets it refer to.

        The path's last step points at a statement, as `/Statement/3`. Where the path ends early, all above counts.
        """
        key = (id(resource), path)
        if key not in self._known:
            node = _at(resource.raw, path)
            reached = dict(_reached(node, resource.template))
            around = list(self._around(resource.template))
            self._known[key] = fingerprint([node, resource.raw.get("Condition"), _plain(reached), around])
        return self._known[key]

    def _around(self, template: Template) -> Iterator[Any]:
        """Give what decides beside the text: conditions, mappings, and all of a parent that hands over parameters."""
        yield [template.section(name) for name in _DECIDING]
        yield [template.account, template.region]
        above = template.parent
        while above is not None:
            yield above.source.tree
            above = above.parent


def _at(raw: Any, path: tuple[str | int, ...]) -> Any:
    """Walk down as far as the path leads; where a function of the template stands between, all of it counts."""
    node = {key: value for key, value in raw.items() if key != "Metadata"}
    whole = node
    for step in (*path[:-1], *str(path[-1]).strip("/").split("/")) if path else ():
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and str(step).isdigit() and int(step) < len(node):
            node = node[int(step)]
        elif step:
            return whole
    return node


def _plain(nodes: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is about the text alone."""
    return {
        name: {key: value for key, value in node.items() if key != "Metadata"}
        if isinstance(node, dict)
        else node
        for name, node in nodes.items()
    }


def _reached(node: Any, template: Template) -> Iterator[tuple[str, Node]]:
    """Give every parameter and resource whose name a text mentions, and those that they mention in turn."""
    seen: set[str] = set()
    queue: list[Any] = [node, template.section("Conditions")]
    parameters, resources = template.section("Parameters"), template.section("Resources")
    while queue:
        names = set(_NAMES.findall(json.dumps(queue.pop(), default=str))) - seen
        seen |= names
        for name in sorted(names):
            for kind, section in (("Parameters", parameters), ("Resources", resources)):
                if name in section:
                    yield f"{kind}/{name}", section[name]
                    queue.append(section[name])
