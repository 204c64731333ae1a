"""`keywright rotate` writes the next step into the file with the keys, or writes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app


@pytest.fixture
def folder(root, tmp_path, monkeypatch):
    shutil.copytree(root / "access", tmp_path / "access")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "access"


def rotate(*words, today="2026-11-24"):
    return CliRunner().invoke(app, ["rotate", "--today", today, *words])


def test_three_deployments_rotate_a_key(folder):
    file = folder / "applications.yaml"
    before = file.read_text()
    expected = [rotate("scanner", today=day) for day in ("2026-11-24", "2026-11-25", "2026-12-01")]
    assert [answer.exit_code for answer in expected] == [0, 0, 0]
    assert [answer.output.splitlines()[0] for answer in expected] == [
        "access/applications.yaml: key 2 is added",
        "access/applications.yaml: key 1 is inactive",
        "access/applications.yaml: key 1 is removed",
    ]
    assert file.read_text() == before.replace(
        "serial: 1, issued: 2026-11-01", "serial: 2, issued: 2026-11-24"
    )


def test_a_dry_run_shows_the_lines_and_writes_nothing(folder):
    file = folder / "applications.yaml"
    before = file.read_bytes()
    answer = rotate("scanner", "--dry-run")
    assert "+      - {serial: 2, issued: 2026-11-24}" in answer.output.splitlines()
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        pytest.param(["scaner"], 1, "found `scaner`; accepted: `scanner`", id="a misspelled name"),
        pytest.param(["alice"], 1, "access: no such application is declared; found `alice`", id="a person"),
        pytest.param(["scanner", "nowhere"], 2, "nowhere: is not a folder of declarations", id="no folder"),
    ],
)
def test_reports_what_it_cannot_rotate(folder, words, code, expected):
    answer = rotate(*words)
    assert answer.exit_code == code
    assert expected in answer.output


def test_the_second_step_waits_for_the_deployment_of_the_first(folder):
    rotate("scanner")
    answer = rotate("scanner")
    assert answer.exit_code == 1
    assert (
        "access/applications.yaml:24:5: key 2 of user `scanner` is too new to deactivate key 1"
        in answer.output
    )
    assert rotate("scanner", "--same-day").exit_code == 0


def test_keeps_a_link_its_byte_order_mark_and_its_mode(folder):
    file, real = folder / "applications.yaml", folder / "real.txt"
    real.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    real.chmod(0o640)
    file.unlink()
    file.symlink_to("real.txt")
    assert rotate("scanner").exit_code == 0
    assert file.is_symlink()
    assert real.read_bytes().startswith(b"\xef\xbb\xbf#")
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(Path(each).name for each in folder.glob(".*")) == []


def test_reports_a_layout_that_it_cannot_edit_and_leaves_it(folder):
    file = folder / "applications.yaml"
    braces = "- {serial: 1, issued: 2026-11-01}"
    assert braces in file.read_text()
    file.write_text(file.read_text().replace(braces, "-\n        serial: 1\n        issued: 2026-11-01"))
    before = file.read_bytes()
    answer = rotate("scanner")
    assert answer.exit_code == 1
    assert answer.output == (
        "access/applications.yaml:24:5: the layout of the keys of user `scanner` can't be edited; "
        "found another layout; accepted: each key on lines of its own, such as `- {serial: 1, issued: 2026-11-01}`\n"
    )
    assert file.read_bytes() == before
