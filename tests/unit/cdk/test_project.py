"""The app of a project and its context are read as the CDK reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from keywright.cdk.project import app_command, context_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({"app": "python app.py"}, "python app.py", id="a program on the path"),
        pytest.param({"app": ".venv/bin/python app.py"}, ".venv/bin/python app.py", id="a program that is nowhere"),
        pytest.param({"app": "python 'app.py"}, "python 'app.py", id="left to the shell to refuse"),
        pytest.param({"app": "  "}, None, id="blank"),
        pytest.param({"app": ["python"]}, None, id="a list"),
        pytest.param({}, None, id="no app"),
        pytest.param([], None, id="no object"),
    ],
)  # fmt: skip
def test_app(tmp_path: Path, settings: Any, expected: str | None) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps(settings))
    assert app_command(tmp_path) == expected


def test_a_folder_without_settings_has_no_app_and_no_context(tmp_path: Path) -> None:
    assert (app_command(tmp_path), context_of(tmp_path)) == (None, {})


def test_a_program_that_is_installed_elsewhere_is_run_from_there(tmp_path: Path) -> None:
    project, installed = tmp_path / "tree", tmp_path / "it is here"
    (installed / ".venv/bin").mkdir(parents=True)
    (installed / ".venv/bin/python").touch()
    project.mkdir()
    (project / "cdk.json").write_text('{"app": ".venv/bin/python -O app.py"}')
    assert app_command(project, installed) == f"'{installed}/.venv/bin/python' -O app.py"


def test_declared_context_wins_over_cached_context(tmp_path: Path) -> None:
    (tmp_path / "cdk.context.json").write_text('{"a": 1, "b": 1}')
    (tmp_path / "cdk.json").write_text('{"app": "x", "context": {"b": 2}}')
    assert context_of(tmp_path) == {"a": 1, "b": 2}
