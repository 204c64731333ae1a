"""`keywright map` as a command: its file, its output and its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import resource, write

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = ["arn:aws:iam::111111111111:policy/else"]


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["map", *map(str, arguments)])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_writes_a_page_in_the_current_folder(here: Path) -> None:
    result = run(write(here))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "access-map.html: 11 principals, 7 resources · 0 undecided\n"
    assert (here / "access-map.html").read_text().startswith("<!doctype html>")


def test_writes_to_the_output_file(here: Path) -> None:
    run(write(here), "--output", here / "other.html")
    assert [each.name for each in here.glob("*.html")] == ["other.html"]


def test_a_dash_writes_to_standard_output(here: Path) -> None:
    result = run(write(here), "-o", "-")
    assert result.stdout.startswith("<!doctype html>")
    assert not [*here.glob("*.html")]


def test_counts_undecided_principals(here: Path) -> None:
    outside_user = resource("IAM::User", UserName="dave", ManagedPolicyArns=ELSEWHERE)
    result = run(write(here, Dave=outside_user))
    assert result.exit_code == 3
    assert "1 undecided" in result.stdout


def test_lists_what_it_omits(here: Path) -> None:
    nested = resource("CloudFormation::Stack", TemplateURL="https://elsewhere.example/t.json")
    result = run(write(here, Nested=nested))
    assert result.exit_code == 3
    assert "1 left out, listed there" in result.stdout
    assert "cannot be read" in (here / "access-map.html").read_text()


@pytest.mark.parametrize("text", [None, "[", "[]"], ids=["absent", "no JSON", "no template"])
def test_unusable_input(text: str | None, here: Path) -> None:
    if text is not None:
        (here / "t.json").write_text(text)
    result = run(here / "t.json")
    assert result.exit_code == 2
    assert "t.json" in result.stderr
    assert not [*here.glob("*.html")]


def test_reports_an_output_that_cannot_be_written(here: Path) -> None:
    result = run(write(here), "--output", here / "nowhere" / "map.html")
    assert result.exit_code == 2
    assert "cannot be written; found no such file or directory" in result.stderr
