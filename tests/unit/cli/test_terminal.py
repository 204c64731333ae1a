"""Colours and progress are for people at a terminal who want them."""

from __future__ import annotations

import os
import pty
import sys
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pytest

from keywright.cli import terminal
from keywright.cli.declare.validate_run import validate
from keywright.cli.errors import CommandError
from keywright.cli.formats import ReportFormat
from keywright.cli.judge.check_run import coloured
from keywright.cli.terminal import Progress, write_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REPORT = "a.json\n  error TRU001: role `A` trusts everyone"
RED = "\x1b[31m"


def at_a_terminal(stream: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> str:
    """Return what a terminal shows while something writes to it."""
    inner, outer = pty.openpty()
    with os.fdopen(outer, "w") as terminal:
        monkeypatch.setattr(sys, stream, terminal)
        act()
    return _read_to_the_end(inner).decode()


def _read_to_the_end(inner: int) -> bytes:
    """Read everything written: a terminal delivers it in pieces, and fails to read once the writer has closed it."""
    seen = b""
    try:
        while more := os.read(inner, 1 << 16):
            seen += more
    except OSError:
        return seen
    finally:
        os.close(inner)
    return seen


@pytest.mark.parametrize(
    ("variables", "is_red"),
    [
        pytest.param({}, True, id="a terminal"),
        pytest.param({"NO_COLOR": "1"}, False, id="unwanted"),
        pytest.param({"NO_COLOR": ""}, True, id="declared to be wanted"),
        pytest.param({"TERM": "dumb"}, False, id="a terminal without"),
    ],
)
def test_a_terminal_shows_colours(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], is_red: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    seen = at_a_terminal("stdout", monkeypatch, lambda: write_report(REPORT, None, coloured))
    assert (RED in seen) is is_red
    assert "TRU001: role `A` trusts everyone" in seen


@pytest.mark.parametrize(("terminal", "is_red"), [("xterm", True), ("dumb", False)])
def test_validate_uses_the_same_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, terminal: str, is_red: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setenv("TERM", terminal)
    (tmp_path / "account.yaml").write_text("acount: {}\n")
    run_validate = partial(validate, tmp_path, date(2026, 11, 24), ReportFormat.TEXT, strict=False)
    seen = at_a_terminal("stdout", monkeypatch, run_validate)
    assert "unknown section" in seen
    assert ("\x1b[" in seen) is is_red


def test_a_file_gets_no_colours(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_text() == f"{REPORT}\n"
    with pytest.raises(
        CommandError, match=r"report\.txt: cannot be written; found no such file or directory"
    ):
        write_report(REPORT, tmp_path / "nowhere" / "report.txt")


def test_progress_is_shown_and_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_PATIENCE", -1)

    def count() -> None:
        with Progress(2, "templates") as going:
            assert [going.past(each) for each in "ab"] == ["a", "b"]

    seen = at_a_terminal("stderr", monkeypatch, count)
    assert seen == "\r1 of 2 templates\r2 of 2 templates\r\x1b[K"


def test_progress_needs_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "_PATIENCE", -1)
    with Progress(2, "templates") as going:
        going.past("a")
    assert capsys.readouterr() == ("", "")
