"""A shell completes commands, options, and the names of an assembly's principals and resources."""

import pytest
from typer.testing import CliRunner

from keywright.cli import completion
from keywright.cli.main import app
from tests.unit.cli.access import write


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cdk.out").mkdir()
    write(tmp_path / "cdk.out")


def completed(words):
    typed = words.split(" ")
    environment = {
        "_KEYWRIGHT_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(typed) - 1),
    }
    return CliRunner().invoke(app, [], prog_name="keywright", env=environment).output.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        pytest.param("keywright wh", ["who-can"], id="verb"),
        pytest.param("keywright can user/al", ["user/alice"], id="principal"),
        pytest.param("keywright explain gr", ["group/analysts"], id="group"),
        pytest.param("keywright can user/alice s3:GetObject buck", ["bucket/reports"], id="resource"),
        pytest.param("keywright who-can --abs", ["--absent"], id="option"),
    ],
)
def test_offers(words, offered):
    assert completed(words) == offered


def test_stops_in_time_on_a_large_assembly(monkeypatch):
    monkeypatch.setattr(completion, "_MOST_BYTES", 10)
    assert completed("keywright can user/al") == []


def test_offers_nothing_without_an_assembly(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "cdk.out")
    assert completed("keywright can user/al") == []
