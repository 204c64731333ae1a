"""Where each declared thing is written, and what its path is called in messages."""

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
    """Looks up paths such as ("users", "alice"). What was declared in Python has the place `declarations`."""

    root: MappingNode | None = None

    def at(self, *path: str | int) -> Location:
        """Give the place of a scalar or list item, or of the key of anything else.

        For a path that does not exist, give the place of the last part that exists.
        """
        parent, node, key = self.along(path)[-1]
        return place(node) if isinstance(node, ScalarNode) or key is None or parent is None else place(key)

    def key(self, *path: str | int) -> Location:
        """Give the place of the key, even if its value is a scalar."""
        _, node, key = self.along(path)[-1]
        return place(key or node)

    def along(self, path: Path) -> list[tuple[Node | None, Node, ScalarNode | None]]:
        """Give parent, node and key for each step of the path that exists; the first is the root."""
        root: Node = self.root or MappingNode("declarations", 0, 0)
        steps: list[tuple[Node | None, Node, ScalarNode | None]] = [(None, root, None)]
        for part in path:
            parent = steps[-1][1]
            if isinstance(parent, MappingNode) and isinstance(part, str) and part in parent.values:
                steps.append((parent, parent.values[part], parent.keys[part]))
            elif isinstance(parent, SequenceNode) and isinstance(part, int) and part < len(parent.items):
                steps.append((parent, parent.items[part], None))
            else:
                break
        return steps


Path = tuple[str | int, ...]
"""The path of something declared, such as ("users", "alice", "groups", 0)."""

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

SECTION_OF_KIND: Mapping[str, str] = {
    "user": "users",
    "group": "groups",
    "role": "roles",
    "workload": "workloads",
    "policy": "policies",
    "bucket": "buckets",
    "provider": "identity_providers",
    "permissionset": "permission_sets",
}
"""The kind of a reference such as `role/vendor` to the section that declares it."""

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
    """Name the declared thing that contains a path, such as user `alice`."""
    section = str(path[0]) if path else ""
    if section in _WHOLE:
        return f"the {section.replace('_', ' ')}"
    if section in LISTED and len(path) > 1:
        return LISTED[section]
    if section in SINGULAR and len(path) > 1:
        return f"{SINGULAR[section]} {quoted(str(path[1]))}"
    return f"section {quoted(section)}" if section else "the declarations"


def subject(path: Path) -> str:
    """Name what a path leads to, such as `email` of user `alice`."""
    depth = 1 if not path or path[0] in _WHOLE else 2
    inner = path[depth:]
    if not inner:
        return owner(path)
    if isinstance(inner[-1], str):
        return f"{quoted(inner[-1])} of {owner(path)}"
    key = next((part for part in reversed(inner) if isinstance(part, str)), "")
    return f"item {inner[-1] + 1} of {quoted(key)} of {owner(path)}"
