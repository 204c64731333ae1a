"""`keywright check`: what people, programs and workflows read, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.assembly.builders import write_assembly

OTHER = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
    "Action": "sts:AssumeRole",
}
UNKNOWN = {**OTHER, "Principal": {"AWS": {"Ref": "Who"}}}
OWN = {**OTHER, "Principal": {"AWS": "arn:aws:iam::111111111111:root"}}


def stack(*statements: Any, boundary: bool = True) -> dict[str, Any]:
    properties: dict[str, Any] = {"AssumeRolePolicyDocument": {"Statement": list(statements)}}
    if boundary:
        properties["PermissionsBoundary"] = "arn:aws:iam::111111111111:policy/boundary"
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": properties,
        "Metadata": {"aws:cdk:path": "Access/Vendor/Role"},
    }
    return {"Parameters": {"Who": {"Type": "String"}}, "Resources": {"Vendor": role}}


def check(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


GOOD, FAULTY, OPEN, BARE = stack(OWN), stack(OTHER), stack(UNKNOWN), stack(OWN, boundary=False)


@pytest.mark.parametrize(
    ("template", "arguments", "code"),
    [
        pytest.param(GOOD, [], 0, id="good"),
        pytest.param(GOOD, ["--strict", "--own"], 0, id="good, strictly"),
        pytest.param(FAULTY, [], 1, id="a danger"),
        pytest.param(BARE, ["--strict"], 0, id="another tool's convention"),
        pytest.param(BARE, ["--profile", "strict"], 0, id="another tool's convention by the strict profile"),
        pytest.param(BARE, ["--profile", "strict", "--strict"], 1, id="and warnings count"),
        pytest.param(BARE, ["--own"], 1, id="the project's convention in its own templates"),
        pytest.param(OPEN, [], 0, id="cannot tell"),
        pytest.param(OPEN, ["--strict"], 3, id="undecided in strict mode"),
    ],
)
def test_exits_with(tmp_path: Path, template: dict[str, Any], arguments: list[str], code: int) -> None:
    answer = check(write_assembly(tmp_path / "cdk.out", access=template), *arguments)
    assert answer.exit_code == code, answer.output


def test_a_corrupt_template_hides_no_finding(tmp_path: Path) -> None:
    folder = write_assembly(tmp_path / "cdk.out", access=FAULTY, broken=GOOD)
    (folder / "broken.template.json").write_text('{"Resources": ')
    answer = check(folder)
    assert answer.exit_code == 2
    assert f"{folder}/broken.template.json:1:15: the file is not JSON: expecting value\n" in answer.output
    assert "TRU002" in answer.output


def test_a_missing_path_is_unusable_and_hides_no_finding(tmp_path: Path) -> None:
    answer = check(tmp_path / "nowhere", write_assembly(tmp_path / "cdk.out", access=FAULTY))
    assert answer.exit_code == 2
    assert "nowhere: there is no such file or folder" in answer.output
    assert "TRU002" in answer.output


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_the_report_is_as_reviewed(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_assembly(Path("cdk.out"), access=stack(OTHER, UNKNOWN, boundary=False), clean=GOOD)
    Path("cut.yaml").write_text("Resources:\n  A: [\n")
    answer = check("cdk.out", "cut.yaml", "--format", form, "--today", "2026-11-24")
    assert answer.exit_code == 2
    assert answer.output == (root / f"tests/golden/check/{form}.txt").read_text()


def test_json_is_one_object(tmp_path: Path) -> None:
    answer = check(write_assembly(tmp_path / "cdk.out", access=FAULTY), "--format", "json")
    content = json.loads(answer.output)
    assert [each["rule"] for each in content["findings"]] == ["TRU002"]
    assert content["summary"]["errors"] == 1


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_escapes_terminal_sequences_and_workflow_commands(tmp_path: Path, form: str) -> None:
    evil = "arn:aws:iam::*:role/\x1b[31m\n::error::evil\u202e"
    answer = check(
        write_assembly(tmp_path / "cdk.out", access=stack({**OTHER, "Principal": {"AWS": evil}})),
        "--format",
        form,
    )
    assert answer.exit_code == 1
    assert not {"\x1b", "\u202e"} & set(answer.output)
    assert not any(line.startswith("::error::evil") for line in answer.output.splitlines())


def test_needs_neither_node_nor_the_cdk(root: Path, tmp_path: Path) -> None:
    folder = write_assembly(tmp_path / "cdk.out", access=GOOD)
    program = (
        "import sys; from typer.testing import CliRunner; from keywright.cli.main import app; "
        f"print(CliRunner().invoke(app, ['check', {str(folder)!r}]).exit_code, "
        "sorted({'aws_cdk', 'jsii', 'boto3', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "0 []\n"
