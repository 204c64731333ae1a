"""However a command ends, it shows no traceback and exits with its documented code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keywright.cli.entry import exit_code_of
from keywright.reporting.exit_codes import INTERRUPTED, UNREAD, UNUSABLE

COMMAND = (sys.executable, "-c", "from keywright.cli.entry import run; run()")
FULL = Path("/dev/full")


def interrupted():
    raise KeyboardInterrupt


def left(code):
    def act():
        raise SystemExit(code)

    return act


@pytest.mark.parametrize(("code", "seen"), [(None, 0), (0, 0), (1, 1), (3, 3)])
def test_exits_with_the_code_of_the_verb(code, seen):
    assert exit_code_of(left(code)) == seen


def test_ctrl_c_prints_nothing(capsys):
    assert exit_code_of(interrupted) == INTERRUPTED
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_reports_a_full_disk_and_not_a_finding():
    with FULL.open("w") as full:
        done = run("--version", stdout=full)
    assert done.stderr == "standard output: cannot be written; found no space left on device\n"
    assert done.returncode == UNUSABLE


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("check", "--list-rules")], ids=" ".join)
def test_a_closed_pipe_gives_no_error(words):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        done = run(*words, stdout=closed)
    assert (done.returncode, done.stderr) == (UNREAD, "")


def test_reports_an_unexpected_error_with_its_file():
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\nfrom keywright.cli.entry import exit_code_of\n{REFUSED}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == "access: cannot be read or written; found permission denied\n"
    assert done.returncode == UNUSABLE


REFUSED = "def act(): raise PermissionError(13, 'Permission denied', 'access')\nsys.exit(exit_code_of(act))"


def run(*words, stdout):
    return subprocess.run(
        [*COMMAND, *words], stdout=stdout, stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
