"""`keywright validate --watch` answers again after each change, and ends with the last answer's code."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app


@pytest.fixture
def watching(root, tmp_path):
    shutil.copytree(root / "access", tmp_path / "access")
    command = [
        str(Path(sys.executable).with_name("keywright")),
        "validate",
        "--watch",
        "--today",
        "2026-11-24",
    ]
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)  # who ignores it hands that on
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(root)},
    ) as process:
        signal.signal(signal.SIGINT, ours)
        patience = Timer(60, process.kill)
        patience.start()
        yield process, tmp_path / "access"
        patience.cancel()
        process.kill()


def test_answers_each_change(watching):
    process, folder = watching
    assert process.stdout.readline().endswith("no mistakes\n")
    assert "watching access, Ctrl-C ends" in process.stderr.readline()
    people = folder / "people.yaml"
    people.write_text(people.read_text().replace("groups: [analysts]", "groups: [analyts]"))
    assert "access/people.yaml:21:14: group `analyts` is not declared" in process.stdout.readline()
    assert process.stdout.readline().startswith("1 mistake in 1 file")
    assert process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait() == 1


def test_reports_a_missing_folder_once(tmp_path):
    answer = CliRunner().invoke(app, ["validate", "--watch", str(tmp_path / "nowhere")])
    assert answer.exit_code == 2
