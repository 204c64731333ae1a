"""What the pages point at exists, and what they say of commands is so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from keywright.cli.main import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)")
VERB = re.compile(r"\.venv/bin/keywright ([a-z-]+)")
TARGET = re.compile(r"^(?:`|\$ )?make ([a-z-]+)")


def pages(root: Path) -> list[Path]:
    return [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("examples/**/*.md")]


def test_every_link_leads_somewhere(root: Path) -> None:
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in pages(root)
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert not broken


@pytest.mark.parametrize(("pattern", "kind"), [(VERB, "verb"), (TARGET, "target")], ids=["verbs", "targets"])
def test_every_command_exists(root: Path, pattern: re.Pattern[str], kind: str) -> None:
    makefile = "".join(
        (each / "Makefile").read_text() for each in (root, root / "keywright/starter/repository")
    )
    known = set(COMMANDS) if kind == "verb" else set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    code = [
        line
        for page in pages(root)
        for line in re.findall(r"`[^`\n]+`|^\$ .*|^make [a-z-]+ +#.*", page.read_text(), re.MULTILINE)
    ]
    named = {name for line in code for name in pattern.findall(line)}
    assert named
    assert named <= known


def test_every_page_is_found_from_the_index(root: Path) -> None:
    docs = root / "docs"
    listed = {(docs / target).resolve() for target in LINK.findall((docs / "README.md").read_text())}
    pages_of_people = {*docs.glob("*.md"), *docs.glob("how-to/*.md"), *docs.glob("tutorial/*.md")} - {
        docs / "README.md"
    }
    assert not pages_of_people - listed
    assert listed >= {docs / "rules", docs / "adr"}


def test_the_index_is_found_from_the_first_page(root: Path) -> None:
    assert "docs/README.md" in LINK.findall((root / "README.md").read_text())
