"""Each mistake's whole report; the cases are read in tests/golden/mistakes.txt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read

TODAY = date(2026, 11, 24)
GOLDEN = Path(__file__).parents[2] / "golden"


def cases():
    _, *blocks = (GOLDEN / "mistakes.txt").read_text().split("=== ")
    for block in blocks:
        title, _, rest = block.partition("\n")
        text, _, report = rest.rpartition("---\n")
        yield pytest.param(text, report.strip("\n").split("\n"), id=title)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access").mkdir()
    Path("access/base.yaml").write_text((GOLDEN / "mistakes_base.yaml").read_text())


def report():
    return [str(finding) for finding in read(Path("access"), TODAY).findings]


def test_the_base_of_the_cases_has_no_mistakes():
    assert report() == []


@pytest.mark.parametrize(("text", "lines"), list(cases()))
def test_reports_the_whole_message(text, lines):
    Path("access/case.yaml").write_text(text)
    assert report() == lines


@pytest.mark.parametrize("line", [line for case in cases() for line in case.values[1]])
def test_messages_follow_the_style(line):
    place, _, words = line.partition(": ")
    assert place.startswith("access/")
    message, found, accepted = words.split("; ", 2)
    assert found.startswith("found ")
    assert accepted.startswith("accepted: ")
    assert not words.endswith(".")
    assert message[0] == "`" or message[0].islower() or message.startswith("GitHub")
    assert not {"Input", "Field", "NamedMembership", "ServiceGrant", "validation"} & set(words.split())
