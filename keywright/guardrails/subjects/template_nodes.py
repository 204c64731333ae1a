"""Any place of a template's tree: outputs and parameters too, which belong to no resource."""

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
    """A node of a template, and the path to it from the top; there are many of them, so that they are tuples."""

    template: Template
    path: Path
    node: Node

    @property
    def resource(self) -> Resource | None:
        """Return the resource that holds it."""
        if self.path[:1] != ("Resources",) or len(self.path) < 2:  # noqa: PLR2004 - the section and the name
            return None
        return self.template.resources.get(str(self.path[1]))

    def fault(
        self, rule: str, message: str, *, found: str, accepted: str, severity: Severity = Severity.ERROR
    ) -> Finding:
        """Make a finding here; it weighs what its rule does, or less where `severity` says so."""
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
    """All texts of a template, each once and on a line, and all keys: what is in none of them need not be looked for spot by spot."""

    texts: str
    keys: frozenset[str]


_CONTENTS: WeakKeyDictionary[Template, Contents] = WeakKeyDictionary()


def template_contents(template: Template) -> Contents:
    """Gather what a template spells, once."""
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
    """Walk all nodes of a template from a place on, in reading order."""
    node: Node = template.source.tree
    for step in start:
        if not isinstance(node, dict) or not isinstance(step, str) or step not in node:
            return
        node = node[step]
    pending: list[tuple[Path, Node]] = [(start, node)]
    while pending:
        path, node = pending.pop()
        yield TemplateNode(template, path, node)
        if isinstance(node, dict):
            pending += [((*path, key), item) for key, item in reversed(node.items())]
        elif isinstance(node, list):
            pending += [((*path, index), node[index]) for index in range(len(node) - 1, -1, -1)]
