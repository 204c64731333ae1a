"""Every tutorial and how-to page works as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from keywright.sandbox.account import Sandbox
from tests.howto.page import Run, not_run, steps, unread
from tests.howto.reader import checkout, follow

_ROOT = Path(__file__).resolve().parents[2]
_DOCS = _ROOT / "docs"
PAGES = sorted(
    (
        *_DOCS.glob("tutorial/*.md"),
        *_DOCS.glob("how-to/*.md"),
        _DOCS / "role-or-user.md",
        _DOCS / "emulator.md",
    )
)
READ = sorted((*_ROOT.glob("*.md"), *_DOCS.glob("**/*.md"), *_ROOT.glob("examples/**/*.md")))
"""All pages that people read, those with commands that are not run here too."""


@pytest.fixture
def folder(root, tmp_path):
    """Make a copy of the checkout; afterwards no account that a page started runs on."""
    yield checkout(root, tmp_path)
    if (tmp_path / ".sandbox").exists():
        Sandbox(tmp_path / ".sandbox", "111111111111", "eu-central-1").stop()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_work_as_written(page, root, folder, account_for):
    todo = steps(page.read_text(encoding="utf-8"))
    environment = account_for(page.stem, todo)
    seen = follow(todo, root=root, folder=folder, environment=environment)
    for step, result in zip(todo, seen, strict=True):
        place = f"{page.name}:{step.line}"
        expected = step.code if isinstance(step, Run) else 0
        assert result.code == expected, f"{place}: exit code {result.code}, not {expected}\n{result.printed}"
        if isinstance(step, Run):
            assert step.sees(result.printed), f"{place}: `{step.command}` printed\n{result.printed}"


@pytest.mark.parametrize("page", [each for each in PAGES if each.parent != _DOCS], ids=lambda page: page.stem)
def test_every_python_example_is_run(page):
    assert unread(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", READ, ids=lambda page: page.relative_to(_ROOT).as_posix())
def test_every_command_is_run_or_the_page_says_why_not(page):
    found = not_run(page.read_text(encoding="utf-8"), is_run=page in PAGES)
    assert found == [], "write `<!-- not run: reason -->` before the block"
