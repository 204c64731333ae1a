"""Nodes of a template's tree, including outputs and parameters, which belong to no resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.sources.source import Node, Step
    from keywright.assembly.templates.template import Resource, Template

Path = tuple["Step", ...]


class TemplateNode(NamedTuple):
    """A node of a template and its path. A tuple, because a template has many."""

    template: Template
    path: Path
    value: Node

    @property
    def resource(self) -> Resource | None:
        """Return the resource that contains the node."""
        if self.path[:1] != ("Resources",) or len(self.path) < 2:  # noqa: PLR2004 - the section and the name
            return None
        return self.template.resources.get(str(self.path[1]))

    def fault(
        self, rule: str, message: str, *, found: str, accepted: str, severity: Severity = Severity.ERROR
    ) -> Finding:
        """Make a finding here, with the severity of its rule, or a lower `severity`."""
        resource = self.resource
        return Finding(
            self.template.source.locate(*self.path),
            message,
            found=found,
            accepted=accepted,
            rule=rule,
            severity=severity,
            resource=resource.logical_id if resource else "",
            path=resource.construct_path if resource else "",
        )


class Contents(NamedTuple):
    """All texts of a template, joined, and all keys: a quick test whether to search node by node."""

    texts: str
    keys: frozenset[str]


_CONTENTS: WeakKeyDictionary[Template, Contents] = WeakKeyDictionary()


def template_contents(template: Template) -> Contents:
    """Return the texts and keys of a template; cached."""
    found = _CONTENTS.get(template)
    if found is None:
        found = _CONTENTS[template] = _gathered(template.source.tree)
    return found


def _gathered(tree: Node) -> Contents:
    texts: dict[str, None] = {}
    keys: set[str] = set()
    pending: list[Node] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            texts[node] = None
        elif isinstance(node, dict):
            keys.update(node)
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return Contents("\n".join(texts), frozenset(keys))


def template_nodes(template: Template, *start: Step) -> Iterator[TemplateNode]:
    """Yield all nodes of a template below a path, in reading order."""
    node: Node = template.source.tree
    for step in start:
        if not isinstance(node, dict) or not isinstance(step, str) or step not in node:
            return
        node = node[step]
    # A list instead of recursion: hostile templates can be nested more deeply than Python's stack.
    pending: list[tuple[Path, Node]] = [(start, node)]
    while pending:
        path, node = pending.pop()
        yield TemplateNode(template, path, node)
        if isinstance(node, dict):
            pending += [((*path, key), item) for key, item in reversed(node.items())]
        elif isinstance(node, list):
            pending += [((*path, index), node[index]) for index in range(len(node) - 1, -1, -1)]
