"""The reference of the declarations is current, and has every key; its example is one account without mistakes."""

from __future__ import annotations

from pathlib import Path

from keywright.model.declarations import Declarations
from keywright.model.reference_page import reference_page
from keywright.model.schema import json_schema

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = (DOCS / "declarations.example.yaml").read_text()


def test_the_page_in_the_documentation_is_current() -> None:
    assert reference_page(EXAMPLE) == (DOCS / "declarations.md").read_text(), "make docs"


def test_the_page_has_every_key_of_every_type() -> None:
    lines = (DOCS / "declarations.md").read_text().splitlines()
    for name, kind in json_schema()["$defs"].items():
        keys = [f"| `{key}` |" for key in kind.get("properties", {})]
        starts = [line for line in lines if line.startswith("| `")]
        assert all(any(line.startswith(key) for line in starts) for key in keys), name
        # The keys of one type are one table, in their order.
        found = ["`".join(line.split("`")[:2]) for line in starts]
        wanted = ["`".join(key.split("`")[:2]) for key in keys]
        assert not keys or any(
            found[at : at + len(wanted)] == wanted for at in range(len(found) - len(wanted) + 1)
        ), name


def test_nearly_every_section_has_an_example() -> None:
    without = {each for each in Declarations.model_fields if f"\n{each}:" not in EXAMPLE}
    # A certificate and the policies of an organization are in files of their own.
    assert without == {"trust_anchors", "organization"}
