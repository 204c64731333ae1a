from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app

GOLDEN = Path(__file__).parents[2] / "golden/compliance"
TODAY = ("--today", "2026-11-24")


@pytest.fixture(autouse=True)
def _in_the_folder_of_the_golden_files(monkeypatch):
    monkeypatch.chdir(GOLDEN)


def run(*arguments):
    result = CliRunner().invoke(app, ["compliance", *TODAY, *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_the_report_is_as_reviewed(form):
    """Declarations with a template edited by hand, in which one control is not met."""
    assert run("stack.template.json", "--access", "access", "--format", form) == (
        1,
        (GOLDEN / f"report.{form}").read_text("utf-8"),
    )


def test_writes_the_report_to_a_file(tmp_path):
    file = tmp_path / "report.md"
    code, output = run(
        "stack.template.json", "--access", "access", "--format", "markdown", "--output", str(file)
    )
    assert (code, output) == (1, "")
    assert file.read_text("utf-8") == (GOLDEN / "report.markdown").read_text("utf-8")


@pytest.mark.parametrize(
    ("resources", "code"),
    [
        pytest.param({}, 1, id="something is not met"),
        pytest.param({"Length": {"Ref": "Length"}}, 1, id="not met takes precedence over undecided"),
    ],
)
def test_an_unmet_control_is_a_finding(tmp_path, resources, code):
    policy = {"MinimumPasswordLength": 14, "PasswordReusePrevention": resources.get("Length", 24)}
    assert run(str(template(tmp_path, policy)), "--access", "access")[0] == code


def test_an_undecided_control_exits_as_undecided(tmp_path):
    policy = {"MinimumPasswordLength": {"Ref": "Length"}, "PasswordReusePrevention": 24}
    code, output = run(str(template(tmp_path, policy, *MET)), "--format", "json")
    statuses = {each["id"]: each["status"] for each in json.loads(output)["controls"]}
    assert code == 3, statuses
    assert statuses["1.7"] == "undecided"


def test_other_templates_are_checked_without_these_declarations(tmp_path):
    """Otherwise their controls would be judged by our declarations, in which a key is too old."""
    policy = {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}
    assert run(str(template(tmp_path, policy, *MET)))[0] == 0


MET = (
    ("AWS::AccessAnalyzer::Analyzer", {"Type": "ACCOUNT"}),
    (
        "AWS::IAM::Group",
        {"GroupName": "responders", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AWSSupportAccess"]},
    ),
    ("AWS::IAM::User", {"UserName": "alice", "Groups": ["responders"]}),
)


def template(folder, policy, *more):
    resources = [("Custom::PasswordPolicy", policy), *more]
    named = {
        f"R{number}": {"Type": kind, "Properties": properties}
        for number, (kind, properties) in enumerate(resources)
    }
    file = folder / "other.template.json"
    file.write_text(json.dumps({"Resources": named}))
    return file


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["nowhere.json"], "nowhere.json: there is no such file or folder\n", id="no template"),
        pytest.param(
            ["stack.template.json", "--access", "nowhere"],
            "nowhere: is not a folder of declarations; found no such folder; accepted: a folder such as `access`\n",
            id="no declarations",
        ),
    ],
)
def test_refuses_unusable_input(arguments, message):
    assert run(*arguments) == (2, message)


def test_refuses_declarations_with_a_mistake(tmp_path):
    (tmp_path / "a.yaml").write_text("account: {id: one}\n")
    code, output = run("--access", str(tmp_path))
    assert code == 2
    assert "a.yaml:1:15: `id` of the account is not an account number" in output


def test_refuses_an_unknown_framework():
    code, output = run("--framework", "iso")
    assert code == 2
    assert "cis-aws-foundations-5.0.0" in output


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_text_of_a_template_adds_no_lines_to_the_report(tmp_path, form):
    """An untrusted name can neither look like a line of the report nor control a terminal."""
    user = {"UserName": "eve\n  1.15  enforced   nobody\x1b[2K", "LoginProfile": {"Password": "x"}}
    policy = {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}
    _, output = run(str(template(tmp_path, policy, ("AWS::IAM::User", user))), "--format", form)
    assert "\x1b" not in output
    assert "\n  1.15  enforced   nobody\\x1b" not in output
    assert "eve\\n" in output
