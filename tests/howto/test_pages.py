"""Every tutorial and how-to page works as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.howto.page import Run, steps, unread
from tests.howto.reader import checkout, follow

_DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted((*_DOCS.glob("tutorial/*.md"), *_DOCS.glob("how-to/*.md")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_work_as_written(page, root, tmp_path, account_for):
    todo = steps(page.read_text(encoding="utf-8"))
    environment = account_for(page.stem, todo)
    seen = follow(todo, root=root, folder=checkout(root, tmp_path), environment=environment)
    for step, result in zip(todo, seen, strict=True):
        place = f"{page.name}:{step.line}"
        expected = step.code if isinstance(step, Run) else 0
        assert result.code == expected, f"{place}: exit code {result.code}, not {expected}\n{result.printed}"
        if isinstance(step, Run):
            assert step.sees(result.printed), f"{place}: `{step.command}` printed\n{result.printed}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_python_example_is_run(page):
    assert unread(page.read_text(encoding="utf-8")) == []
