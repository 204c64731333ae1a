"""The mode `check`: the verdict is the step's exit code, and hostile templates reach log and summary as text."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.unit.github.server import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.github.conftest import Step

ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
HOSTILE = "```\n::add-mask::x\n::set-output name=verdict::passed\n##[error]x\n@everyone <img src=x>"


def template(folder: Path, statement: dict[str, str] | None, name: str = "Policy") -> str:
    resource = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
    }
    file = folder / "access.template.json"
    file.write_text(json.dumps({"Resources": {name: resource} if statement else {}}))
    return str(file)


def test_passes(step: Step, tmp_path: Path) -> None:
    assert step.run("check", paths=template(tmp_path, None)) == 0
    assert (step.outputs["verdict"], step.outputs["exit-code"]) == ("passed", "0")
    assert step.summary.startswith("### Access check: passed\n\n```text\n")


def test_fails_with_findings(step: Step, tmp_path: Path) -> None:
    assert step.run("check", paths=template(tmp_path, ADMIN), sarif="true") == 1
    assert (step.outputs["verdict"], step.outputs["exit-code"]) == ("findings", "1")
    assert "::error file=" in step.log
    assert json.loads((tmp_path / "keywright" / "keywright.sarif").read_text())["version"] == "2.1.0"
    assert step.outputs["sarif"].endswith("keywright.sarif")
    assert "error" in (tmp_path / "keywright" / "check.txt").read_text()


def test_checks_every_path(step: Step, tmp_path: Path) -> None:
    good = template(tmp_path, None)
    assert step.run("check", paths=f"\n  {good}\n{tmp_path / 'absent.json'}\n") == 2
    assert step.outputs["verdict"] == "unusable"
    assert "sarif" not in step.outputs


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        pytest.param({"paths": " \n "}, "the input `paths` is empty", id="no path"),
        pytest.param(
            {"paths": "x", "strict": "yes"},
            "the input `strict` is neither true nor false; found `yes`",
            id="truth",
        ),
    ],
)
def test_refuses_an_input(step: Step, inputs: dict[str, str], message: str) -> None:
    assert step.run("check", **inputs) == 2
    assert step.log.startswith(f"::error::{message}")


@pytest.mark.parametrize("path", ["--list-rules", "--write-baseline=pwned", "--fix"])
def test_no_path_is_an_option(step: Step, tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert step.run("check", paths=path) == 2
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("value", ["$(touch pwned)", "x; touch pwned", "--fix"])
def test_no_value_is_run(step: Step, tmp_path: Path, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    good = template(tmp_path, None)
    assert step.run("check", paths=good, exceptions=value, baseline=value) == 2
    assert not (tmp_path / "pwned").exists()


def test_a_hostile_template_is_only_text(step: Step, tmp_path: Path) -> None:
    assert step.run("check", paths=template(tmp_path, ADMIN, HOSTILE)) == 1
    assert step.outputs["verdict"] == "findings"
    commands = [line for line in obeyed(step.log) if line.startswith(("::", "##["))]
    assert all(re.match(r"::(error|warning|notice) file=[^\n:]*,line=", line) for line in commands), commands
    fence, inside, end = re.fullmatch(
        r"### .*\n\n(`{3,})text\n(.*)\n(`+)\n", step.summary, re.DOTALL
    ).groups()  # type: ignore[union-attr]
    assert fence == end
    assert not any(line.strip().startswith(fence) for line in inside.splitlines())


def obeyed(log: str) -> list[str]:
    """Give the lines in which the runner looks for commands."""
    lines, word = [], ""
    for line in log.splitlines():
        if word:
            word = "" if line == f"::{word}::" else word
        elif found := re.fullmatch(r"::stop-commands::(\w+)", line):
            word = found[1]
        else:
            lines.append(line)
    return lines


SECRETS = {
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "hidden",
    "AWS_SECRET_ACCESS_KEY": "hidden",
    "GH_TOKEN": "hidden",
    "MY_PASSWORD": "hidden",
    "PYTHONPATH": "hidden",
}


def test_the_command_gets_no_secret(step: Step, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"  # stands for the interpreter, and shows what it is started with
    program.write_text('#!/bin/sh\nenv\necho "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    assert step.run("check", paths="access.template.json") == 0
    shown = (tmp_path / "keywright" / "check.txt").read_text()
    assert shown.endswith("-P -m keywright check -- access.template.json\n")
    assert "PATH=" in shown
    assert "hidden" not in shown
    assert TOKEN not in shown


@pytest.mark.parametrize("signal", ["KILL", "SEGV"])
def test_a_command_that_dies_has_no_verdict(
    step: Step, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signal: str
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nkill -{signal} $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    assert step.run("check", paths="access.template.json") == 2
    assert (step.outputs["verdict"], step.outputs["exit-code"]) == ("unusable", "2")
