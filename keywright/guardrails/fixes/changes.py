"""Changes of a template's data. A rewrite makes each change in the data and in the text, so that one checks the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.assembly.sources.source import Node, Step

if TYPE_CHECKING:
    from collections.abc import Callable

Path = tuple[Step, ...]


class CannotRewriteError(Exception):
    """A rewrite that is not possible here; the finding then has no fix."""


@dataclass(frozen=True)
class Put:
    """Set the value at a path; a missing member is added at the end."""

    path: Path
    value: Node = field(hash=False)

    def apply(self, tree: Node) -> Node:
        """Return the changed tree."""
        *above, last = self.path

        def put(node: Node) -> Node:
            if isinstance(node, dict):
                return {**node, str(last): self.value}
            if isinstance(node, list) and isinstance(last, int) and last < len(node):
                return [*node[:last], self.value, *node[last + 1 :]]
            raise CannotRewriteError

        return changed(tree, tuple(above), put)


@dataclass(frozen=True)
class Insert:
    """Insert an item into a list, before the one at its index."""

    path: Path
    value: Node = field(hash=False)

    def apply(self, tree: Node) -> Node:
        """Return the changed tree."""
        *above, last = self.path
        return changed(tree, tuple(above), lambda node: _spliced(node, last, 0, [self.value]))


@dataclass(frozen=True)
class Remove:
    """Remove an item from a list."""

    path: Path

    def apply(self, tree: Node) -> Node:
        """Return the changed tree."""
        *above, last = self.path
        return changed(tree, tuple(above), lambda node: _spliced(node, last, 1, []))


@dataclass(frozen=True)
class Rename:
    """Rename a member; it keeps its place among the others."""

    path: Path
    key: str

    def apply(self, tree: Node) -> Node:
        """Return the changed tree."""
        *above, last = self.path

        def rename(node: Node) -> Node:
            if not isinstance(node, dict) or self.key in node:
                raise CannotRewriteError
            return {self.key if key == last else key: value for key, value in node.items()}

        return changed(tree, tuple(above), rename)


Change = Put | Insert | Remove | Rename


def _spliced(node: Node, at: Step, gone: int, come: list[Node]) -> Node:
    if not isinstance(node, list) or not isinstance(at, int):
        raise CannotRewriteError
    return [*node[:at], *come, *node[at + gone :]]


def changed(tree: Node, path: Path, change: Callable[[Node], Node]) -> Node:
    """Change the value at a path in a copy, which shares all other values with the original."""
    if not path:
        return change(tree)
    step, rest = path[0], path[1:]
    if isinstance(tree, dict) and step in tree:
        return {**tree, str(step): changed(tree[str(step)], rest, change)}
    if isinstance(tree, list) and isinstance(step, int) and 0 <= step < len(tree):
        return [*tree[:step], changed(tree[step], rest, change), *tree[step + 1 :]]
    raise CannotRewriteError


def value_at(tree: Node, path: Path) -> Node:
    """Return the value at exactly a path."""
    for step in path:
        if isinstance(tree, dict) and step in tree:
            tree = tree[str(step)]
        elif isinstance(tree, list) and isinstance(step, int) and 0 <= step < len(tree):
            tree = tree[step]
        else:
            raise CannotRewriteError
    return tree


def exact_path(tree: Node, path: Path) -> Path:
    """Return a path as the data spells it: elements in any case, and no index for a single value instead of a list."""
    found: list[Step] = []
    for step in path:
        if isinstance(tree, dict) and isinstance(step, str):
            step = _spelled(tree, step)  # noqa: PLW2901 - the same step, as it is spelled
            tree = tree[step]
        elif isinstance(tree, list) and isinstance(step, int) and 0 <= step < len(tree):
            tree = tree[step]
        elif step == 0 and isinstance(tree, dict | str):
            continue
        else:
            raise CannotRewriteError
        found.append(step)
    return tuple(found)


def _spelled(node: dict[str, Node], key: str) -> str:
    if key in node:
        return key
    alike = [each for each in node if each.lower() == key.lower()]
    if len(alike) != 1:
        raise CannotRewriteError
    return alike[0]
