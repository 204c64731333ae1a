"""Where each declared thing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.yaml_tree import Mapping, Node, Scalar, Sequence, place

if TYPE_CHECKING:
    from keywright.model.subject import Path
    from keywright.reporting.finding import Location


@dataclass(frozen=True, slots=True)
class Places:
    """Looks up paths such as ("users", "alice"). What was declared in Python is nowhere: `declarations`."""

    root: Mapping | None = None

    def at(self, *path: str | int) -> Location:
        """Give the place of a scalar, of a list's item, or else of the name that something is under.

        A path that leads nowhere gives the place of the nearest thing around it.
        """
        around, node, key = self.along(path)[-1]
        return place(node) if isinstance(node, Scalar) or key is None or around is None else place(key)

    def key(self, *path: str | int) -> Location:
        """Give the place of the name itself, also where its value is a scalar."""
        _, node, key = self.along(path)[-1]
        return place(key or node)

    def along(self, path: Path) -> list[tuple[Node | None, Node, Scalar | None]]:
        """Give what is around, the thing, and its name, for each step that exists; the first is the whole."""
        root: Node = self.root or Mapping("declarations", 0, 0)
        steps: list[tuple[Node | None, Node, Scalar | None]] = [(None, root, None)]
        for part in path:
            around = steps[-1][1]
            if isinstance(around, Mapping) and isinstance(part, str) and part in around.values:
                steps.append((around, around.values[part], around.keys[part]))
            elif isinstance(around, Sequence) and isinstance(part, int) and part < len(around.items):
                steps.append((around, around.items[part], None))
            else:
                break
        return steps
