"""Values of the command line are converted as typer does, without pydantic."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer

from keywright.cli.quick_values import QuickCommand


class Hue(StrEnum):
    RED = "red"
    BLUE = "blue"


TAKING = {
    "a path": Annotated[Path, typer.Option()],
    "a path that must be there": Annotated[Path, typer.Option(exists=True)],
    "a path, perhaps": Annotated[Path | None, typer.Option()],
    "paths": Annotated[list[Path], typer.Option()],
    "a text": Annotated[str, typer.Option()],
    "a text, perhaps": Annotated[str | None, typer.Option()],
    "texts, perhaps": Annotated[list[str] | None, typer.Option()],
    "a hue": Annotated[Hue, typer.Option()],
    "a hue in any case": Annotated[Hue, typer.Option(case_sensitive=False)],
    "one of two": Annotated[Literal["one", "two"], typer.Option()],
    "a number": Annotated[int, typer.Option()],
    "a number from 1 to 100": Annotated[int, typer.Option(min=1, max=100)],
    "a day": Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])],
    "what a function makes": Annotated[str, typer.Option(parser=str.upper)],
    "a flag": Annotated[bool, typer.Option()],
}
VALUES = [
    *("", ".", "nowhere", "a/../b", "\udcff", "red", "RED", "blue", "one", "three", "true"),
    *("0", "1", "007", "100", "101", "-1", "+1", " 1", "1_0", "1.0", "\u0663", "9" * 12),
    *("2026-11-27", "2026-13-01", "26-11-27", " 2026-11-27"),
]


def answer(kind, cls, words):
    """Return what a command of one option gets, or how it is refused."""
    got = []

    def command(given):
        got.append(given)

    command.__annotations__ = {"given": kind}
    one = typer.Typer(add_completion=False, rich_markup_mode=None)
    one.command(cls=cls)(command)
    try:
        typer.main.get_command(one).main(words, prog_name="one", standalone_mode=False)
    except typer.TyperException as refused:
        return refused.format_message()
    return [(type(each), each) for each in got]


@pytest.mark.parametrize("kind", TAKING.values(), ids=TAKING)
def test_converts_a_value_as_typer_does(kind):
    for words in ([], *(["--given", value] for value in VALUES), ["--given", "red", "--given", "one"]):
        assert answer(kind, QuickCommand, words) == answer(kind, None, words), words


def test_refuses_an_unreadable_path_as_typer_does(tmp_path, monkeypatch):
    file = tmp_path / "locked"
    file.touch()
    monkeypatch.setattr("os.access", lambda *_: False)
    words = ["--given", str(file)]
    refused = answer(TAKING["a path"], QuickCommand, words)
    assert refused == answer(TAKING["a path"], None, words)
    assert "not readable" in refused


def test_plain_values_import_no_pydantic():
    code = """
from keywright.cli.main import app
app(["compare", "--kind", "trust", "old"], standalone_mode=False)
import sys
print("pydantic" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
