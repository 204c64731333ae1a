"""One mistake at each place of declarations that use every section: misspelled keys and names, missing and wrong values."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from keywright.model.reading import Reading, read
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain

TODAY = date(2026, 11, 24)
COMPANY = Path(__file__).parents[3] / "docs/declarations.example.yaml"
FREE_NAMES = frozenset(
    {
        "groups",
        "users",
        "buckets",
        "workloads",
        "identity_providers",
        "roles",
        "delegations",
        "policies",
        "permission_sets",
    }
)
"""The sections whose keys are names of one's own."""

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Planted:
    """A mistake: what was done, and at which path."""

    kind: str
    path: Path_

    def __str__(self) -> str:
        return f"{self.kind} {'.'.join(map(str, self.path))}"

    @property
    def entry(self) -> Path_:
        """The declared thing that has the mistake."""
        return self.path[:2]


@cache
def company() -> dict[str, Any]:
    """Give declarations without mistakes that use every section."""
    return json.loads(json.dumps(plain(parse(COMPANY.read_text(), COMPANY.name).root)))


def misspelled(word: str) -> str:
    """Swap two letters in the middle, or double one where they are equal."""
    middle = len(word) // 2
    left, right = word[middle - 1 : middle], word[middle : middle + 1]
    if left.isalnum() and right.isalnum() and left.lower() != right.lower():
        return f"{word[: middle - 1]}{right}{left}{word[middle + 1 :]}"
    return f"{word[:middle]}{word[middle - 1 : middle]}{word[middle:]}"


def places(value: Any, path: Path_ = ()) -> list[Path_]:
    """List the paths of all keys and items."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, item in pairs for each in ((*path, key), *places(item, (*path, key)))]


def at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data[part]
    return data


def plantings() -> list[Planted]:
    """List one mistake of each kind for each place where it fits."""
    data = company()
    found = []
    for path in places(data):
        value, is_name = at(data, path), len(path) == 2 and path[0] in FREE_NAMES
        if isinstance(path[-1], str):
            found.append(Planted("name misspelled" if is_name else "key misspelled", path))
            found.append(Planted("missing", path))
            found.append(Planted("empty", path))
        if isinstance(value, str):
            found.append(Planted("value misspelled", path))
        found.append(Planted("wrong type", path))
        found.append(Planted("tag", path))
    return found


TAGGED = "@@tagged"


def plant(data: dict[str, Any], *mistakes: Planted) -> dict[str, Any]:
    """Make mistakes in a copy of the data."""
    data = deepcopy(data)
    for each in mistakes:
        parent, last = at(data, each.path[:-1]), each.path[-1]
        match each.kind:
            case "missing":
                del parent[last]
            case "empty":
                parent[last] = None
            case "value misspelled":
                parent[last] = misspelled(parent[last])
            case "wrong type":
                parent[last] = [["wrong"]] if isinstance(parent[last], dict) else {"wrong": {}}
            case "tag":
                parent[last] = {TAGGED: parent[last]}
            case _:
                renamed = {misspelled(key) if key == last else key: value for key, value in parent.items()}
                parent.clear()
                parent.update(renamed)
    return data


def written(value: Any, depth: int = 0) -> str:
    """Write data as YAML with one key or item on each line."""
    margin = " " * depth
    if isinstance(value, dict) and set(value) == {TAGGED}:
        return f"!tag {written(value[TAGGED], depth)}"
    if isinstance(value, dict) and value:
        inner = (f"{margin} {json.dumps(key)}: {written(item, depth + 1)}" for key, item in value.items())
        return "{\n" + ",\n".join(inner) + f"\n{margin}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"{margin} {written(item, depth + 1)}" for item in value) + f"\n{margin}]"
    return "" if value is None else json.dumps(value)


def reading(data: dict[str, Any], folder: Path) -> Reading:
    (folder / "case.yaml").write_text(written(data))
    return read(folder, TODAY, locked=False)


def reading_of(data: dict[str, Any]) -> Reading:
    """Read declarations from a folder of their own."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "metadata").mkdir()
        (folder / "metadata/okta.xml").write_bytes(
            (Path(__file__).parents[3] / "access/metadata/okta.xml").read_bytes()
        )
        return reading(data, folder)
