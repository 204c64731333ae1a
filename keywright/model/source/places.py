"""Where each declared thing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.source.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode, place
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.reporting.finding import Location


@dataclass(frozen=True, slots=True)
class Places:
    """Looks up paths such as ("users", "alice"). What was declared in Python is nowhere: `declarations`."""

    root: MappingNode | None = None

    def at(self, *path: str | int) -> Location:
        """Give the place of a scalar, of a list's item, or else of the name that something is under.

        A path that leads nowhere gives the place of the nearest thing around it.
        """
        around, node, key = self.along(path)[-1]
        return place(node) if isinstance(node, ScalarNode) or key is None or around is None else place(key)

    def key(self, *path: str | int) -> Location:
        """Give the place of the name itself, also where its value is a scalar."""
        _, node, key = self.along(path)[-1]
        return place(key or node)

    def along(self, path: Path) -> list[tuple[Node | None, Node, ScalarNode | None]]:
        """Give what is around, the thing, and its name, for each step that exists; the first is the whole."""
        root: Node = self.root or MappingNode("declarations", 0, 0)
        steps: list[tuple[Node | None, Node, ScalarNode | None]] = [(None, root, None)]
        for part in path:
            around = steps[-1][1]
            if isinstance(around, MappingNode) and isinstance(part, str) and part in around.values:
                steps.append((around, around.values[part], around.keys[part]))
            elif isinstance(around, SequenceNode) and isinstance(part, int) and part < len(around.items):
                steps.append((around, around.items[part], None))
            else:
                break
        return steps


Path = tuple[str | int, ...]
"""Where something is declared, such as ("users", "alice", "groups", 0)."""

SINGULAR: Mapping[str, str] = {
    "groups": "group",
    "users": "user",
    "buckets": "bucket",
    "workloads": "workload",
    "identity_providers": "identity provider",
    "trust_anchors": "trust anchor",
    "roles": "role",
    "delegations": "delegation",
    "policies": "policy",
    "permission_sets": "permission set",
}
"""The sections that map names to things, and what one thing is called."""

LISTED: Mapping[str, str] = {
    "never": "an invariant",
    "always": "an invariant",
    "exceptions": "an exception",
    "assignments": "an assignment",
}
"""The sections that are lists, and what an entry of them is called."""

_WHOLE = ("account", "organization", "identity_center")
"""The sections that are one thing with a name of its own in messages."""


def owner(path: Path) -> str:
    """Name the declared thing that a path leads into, such as user `alice`."""
    section = str(path[0]) if path else ""
    if section in _WHOLE:
        return f"the {section.replace('_', ' ')}"
    if section in LISTED and len(path) > 1:
        return LISTED[section]
    if section in SINGULAR and len(path) > 1:
        return f"{SINGULAR[section]} {quoted(str(path[1]))}"
    return f"section {quoted(section)}" if section else "the declarations"


def subject(path: Path) -> str:
    """Name the very thing a path leads to, such as `email` of user `alice`."""
    depth = 1 if not path or path[0] in _WHOLE else 2
    inner = path[depth:]
    if not inner:
        return owner(path)
    if isinstance(inner[-1], str):
        return f"{quoted(inner[-1])} of {owner(path)}"
    key = next((part for part in reversed(inner) if isinstance(part, str)), "")
    return f"item {inner[-1] + 1} of {quoted(key)} of {owner(path)}"
