from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests/golden/many_mistakes"
TODAY = ("--today", "2026-11-24")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "access", tmp_path / "access")


def run(*arguments):
    result = CliRunner().invoke(app, ["validate", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def put(text):
    Path("access/more.yaml").write_text(text)


MISTAKE = "users: {eve: {person: {email: eve}}}\n"
ENDED = "users: {eve: {person: {email: eve@acme.example}, until: 2026-11-23}}\n"
WARNING = """\
users:
  robot:
    application: {because: it cannot assume a role, review: 2027-05-01, considered: true}
    access_keys: [{serial: 1, issued: 2026-05-01}]
"""
ADVICE = "exceptions: [{rule: TRU004, on: role/vendor, because: it is as it is, until: 2026-11-30}]\n"
GOOD = r"access: account 111111111111 in eu-central-1: \d+ people, \d+ applications?, \d+ groups, .*; no mistakes\n"


@pytest.mark.parametrize("strict", [[], ["--strict"]])
def test_accepts_the_sample(strict):
    code, output = run(*TODAY, *strict)
    assert code == 0
    assert re.fullmatch(GOOD, output)


def test_reports_many_mistakes_in_one_run(monkeypatch):
    monkeypatch.chdir(GOLDEN)
    code, output = run(*TODAY)
    assert code == 1
    assert output == Path("report.txt").read_text()


def test_a_mistake_exits_with_1():
    put(MISTAKE)
    assert run(*TODAY) == (
        1,
        (
            "access/more.yaml:1:31: `email` of user `eve` is not an e-mail address; found `eve`; "
            "accepted: such as `alice@example.com`\n1 mistake in 1 file; nothing was written\n"
        ),
    )


def test_a_warning_fails_only_in_strict_mode():
    put(WARNING)
    line = (
        "key 1 of user `robot` is 207 days old; found `2026-05-01`; "
        "accepted: at most 90 days: `keywright rotate robot`\n"
    )
    code, output = run(*TODAY)
    assert code == 0
    assert output.startswith(f"access/more.yaml:4:39: warning: {line}")
    assert output.endswith("; 1 warning\n")
    code, output = run(*TODAY, "--strict")
    assert code == 1
    assert output == f"access/more.yaml:4:39: warning: {line}1 mistake in 1 file; nothing was written\n"


def test_what_has_ended_is_an_error_unless_it_is_kept():
    put(ENDED)
    code, output = run(*TODAY)
    assert code == 1
    assert output == (
        "access/more.yaml:1:57: user `eve` expired; found `until: 2026-11-23`, today is 2026-11-24; "
        "accepted: its removal: delete it from line 1 on; or `kept` with the reason why it stays\n"
        "1 mistake in 1 file; nothing was written\n"
    )
    put(ENDED.replace("until:", "kept: she comes back in spring, until:"))
    code, output = run(*TODAY, "--strict")
    assert code == 0
    assert output.endswith("; no mistakes\n")


def test_advice_never_fails():
    put(ADVICE)
    code, output = run(*TODAY, "--strict")
    assert code == 0
    assert ": advice: exception to TRU004" in output
    assert output.endswith("; 1 piece of advice\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param(
            ["acess"], "acess: is not a folder of declarations; found no such folder", id="no folder"
        ),
        pytest.param(["--today", "tomorrow"], "tomorrow", id="no day"),
        pytest.param(["--format", "xml"], "xml", id="no format"),
    ],
)
def test_unusable_input_exits_with_2(arguments, text):
    code, output = run(*arguments)
    assert code == 2
    assert text in output


def test_invalid_yaml_exits_with_2():
    put("users: [")
    code, output = run(*TODAY)
    assert code == 2
    assert output.endswith("1 mistake in 1 file; nothing was written\n")


def test_json_has_the_findings_of_the_text():
    put(MISTAKE)
    code, output = run(*TODAY, "--format", "json")
    assert code == 1
    assert json.loads(output) == {
        "valid": False,
        "strict": False,
        "today": "2026-11-24",
        "declared": None,
        "findings": [
            {
                "file": "access/more.yaml",
                "line": 1,
                "column": 31,
                "severity": "error",
                "message": "`email` of user `eve` is not an e-mail address",
                "found": "`eve`",
                "accepted": "such as `alice@example.com`",
                "instead": "",
                "see": [],
            }
        ],
    }


def test_json_counts_the_declarations():
    code, output = run(*TODAY, "--format", "json")
    assert code == 0
    answer = json.loads(output)
    assert answer["valid"] is True
    assert answer["declared"]["person"] == 4


def test_json_has_both_places_of_a_duplicate():
    put("groups: {analysts: {}}\n")
    answer = json.loads(run(*TODAY, "--format", "json")[1])
    (finding,) = answer["findings"]
    assert [place["file"] for place in (finding, *finding["see"])] == [
        "access/people.yaml",
        "access/more.yaml",
    ]


def test_a_terminal_gets_colours_and_the_same_text(capsys, monkeypatch):
    from keywright.cli.terminal import coloured_line
    from keywright.reporting.finding import Finding, Location, with_severity

    finding = Finding(Location("a.yaml", 1, 2), "it is wrong", "`x`", "`y`")
    plain = with_severity(finding)
    coloured = coloured_line(finding)
    assert plain == "a.yaml:1:2: it is wrong; found `x`; accepted: `y`"
    assert coloured.replace("\x1b[31m\x1b[1m", "").replace("\x1b[0m", "") == plain
