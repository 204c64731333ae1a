"""The drawing in docs/architecture.md shows the imports as they are, and the files that the page names exist."""

from __future__ import annotations

import re
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

import grimp

if TYPE_CHECKING:
    from pathlib import Path

ARROW = re.compile(r"^ {2}(\w+) --> (\w+)$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.(?:py|ya?ml))(?::(\w+))?`")
PACKAGES = ("keywright", "access_constructs", "access_stacks")


def page(root: Path) -> str:
    return (root / "docs" / "architecture.md").read_text(encoding="utf-8")


def room(module: str) -> str:
    """Give the package of `keywright` that a module is in, or another top-level package."""
    top, _, rest = module.partition(".")
    if module == "keywright.__main__":
        return "cli"
    return rest.partition(".")[0] if top == "keywright" and rest else top


@cache
def imports() -> frozenset[tuple[str, str]]:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    edges = (
        (room(module), room(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    )
    return frozenset((one, other) for one, other in edges if one != other and "keywright" not in {one, other})


def reachable(arrows: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Give the transitive closure."""
    found = arrows
    while True:
        more = found | {(one, last) for one, middle in found for first, last in arrows if middle == first}
        if more == found:
            return found
        found = more


def test_every_arrow_is_an_import(root: Path) -> None:
    assert set(ARROW.findall(page(root))) <= imports()


def test_every_import_follows_the_arrows(root: Path) -> None:
    assert imports() <= reachable(frozenset(ARROW.findall(page(root))))


def test_no_arrow_leads_back(root: Path) -> None:
    assert all(one != other for one, other in reachable(frozenset(ARROW.findall(page(root)))))


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    modules = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(modules).prepare()  # a circle raises CycleError, which names it


def test_every_package_is_described(root: Path) -> None:
    named = {name for edge in imports() for name in edge}
    assert {name for name in named if f"| `{name}" not in page(root)} == set()


def test_every_named_file_and_definition_exists(root: Path) -> None:
    missing = [
        f"{path}:{name}" if name else path
        for path, name in NAMED.findall(page(root))
        if not (root / path).is_file()
        or (name and not re.search(rf"\b{name}\b", (root / path).read_text(encoding="utf-8")))
    ]
    assert missing == []
