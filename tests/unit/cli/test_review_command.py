"""`keywright review` and `keywright explain` as commands: their output and exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import BUCKET, allow, inline, resource, write

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def sides(tmp_path: Path) -> dict[str, Path]:
    heads = {
        "same": {},
        "wider": {
            "Analysts": resource("IAM::Group", GroupName="analysts", Policies=inline(allow("s3:*", BUCKET)))
        },
        "narrower": {"Helpdesk": None},
        "undecided": {"Profile": resource("RolesAnywhere::Profile", Name="admins")},
    }
    found = {}
    for name, changes in heads.items():
        (tmp_path / name).mkdir()
        found[name] = write(tmp_path / name, **changes)
    return found


@pytest.mark.parametrize(("head", "code"), [("same", 0), ("wider", 1), ("narrower", 0), ("undecided", 3)])
def test_the_exit_code_is_the_verdict(head: str, code: int, sides: dict[str, Path]) -> None:
    assert run("review", sides["same"], sides[head]).exit_code == code


def test_folders_and_files_are_the_same(sides: dict[str, Path]) -> None:
    by_folder = run("review", sides["same"].parent, sides["same"].parent)
    assert by_folder.exit_code == 0
    assert "nothing changed" in by_folder.stdout


def test_a_file_and_the_folder_that_holds_it_alone_are_the_same(
    sides: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for base, head in ((sides["same"], sides["same"].parent), (sides["same"].parent, sides["same"])):
        result = run("review", base, head)
        assert "nothing changed" in result.stdout
        assert result.exit_code == 0
        assert run("review", base, sides["wider"].parent if head.is_dir() else sides["wider"]).exit_code == 1
    monkeypatch.chdir(sides["same"].parent)
    assert "nothing changed" in run("review", sides["same"].name, ".").stdout


def test_a_file_and_a_folder_of_two_templates_are_not_the_same(sides: dict[str, Path]) -> None:
    """One of the two would otherwise be reviewed as the other."""
    other = sides["same"].parent / "other.template.json"
    other.write_text(sides["wider"].read_text())
    assert run("review", sides["same"], sides["same"].parent).exit_code == 1


@pytest.mark.parametrize("form", ["text", "markdown", "json", "sarif", "html"])
@pytest.mark.parametrize("option", ["--output", "-o"])
def test_a_file_has_what_would_be_printed(
    form: str, option: str, sides: dict[str, Path], tmp_path: Path
) -> None:
    printed = run("review", sides["same"], sides["wider"], "--format", form)
    written = run("review", sides["same"], sides["wider"], "--format", form, option, tmp_path / "review")
    assert (written.exit_code, written.stdout) == (printed.exit_code, "")
    assert (tmp_path / "review").read_text() == printed.stdout


@pytest.mark.parametrize(
    "name", [pytest.param("absent.json", id="absent"), pytest.param("broken.json", id="no template")]
)
def test_unusable_input(name: str, sides: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("[")
    result = run("review", sides["same"], tmp_path / name)
    assert result.exit_code == 2
    assert "**unusable input**" in result.stdout


def test_accepts_an_expected_gain(sides: dict[str, Path], tmp_path: Path) -> None:
    widened = json.loads(run("review", sides["same"], sides["wider"], "--format", "json").stdout)
    (change,) = widened["gains"]
    meant = [
        {"on": change["name"], "because": "they write now", "statement": change["gains"][0]["statement"]}
    ]
    (tmp_path / "meant.yaml").write_text(json.dumps(meant))
    result = run("review", sides["same"], sides["wider"], "--allow", tmp_path / "meant.yaml")
    assert result.exit_code == 0
    assert "expected: `they write now`" in result.stdout


def test_refuses_a_malformed_file_of_expected_gains(sides: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "meant.yaml").write_text("- {on: a, because: b}")
    result = run("review", sides["same"], sides["same"], "--allow", tmp_path / "meant.yaml")
    assert (result.exit_code, result.stderr.count("meant.yaml:1:3:")) == (2, 1)


def test_guardrail_findings_new_and_resolved(sides: dict[str, Path]) -> None:
    there = json.loads(run("review", sides["same"], sides["wider"], "--format", "json").stdout)["guardrails"]
    back = json.loads(run("review", sides["wider"], sides["same"], "--format", "json").stdout)["guardrails"]
    assert {each["rule"] for each in there["new"]} == {each["rule"] for each in back["gone"]} != set()


def explained(principal: str, folder: Path) -> Any:
    return run("explain", principal, folder)


def test_describes_access_by_service(sides: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = sides["same"].parent
    monkeypatch.chdir(folder)
    assert run("explain", "user/carol", "access.template.json").stdout.splitlines() == [
        "user/carol arn:aws:iam::<AWS.AccountId>:user/carol",
        "",
        "s3",
        "  can write: s3:DeleteObject on arn:aws:s3:::acme-reports/*, with MFA (access.template.json:73:9)",
    ]


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        pytest.param("user/alice", ", from group/analysts", id="through a group"),
        pytest.param("user/bob", "can assume role/writer", id="a role to assume"),
        pytest.param(
            "role/deployer",
            "can be assumed (sts:AssumeRole) by Service codebuild.amazonaws.com",
            id="a trust",
        ),
        pytest.param(
            "role/admin",
            "can manage permissions, write, tag, read and list: *",
            id="everything",
        ),
        pytest.param("group/analysts", "can read: s3:GetObject", id="a group"),
    ],
)
def test_prints(principal: str, expected: str, sides: dict[str, Path]) -> None:
    result = explained(principal, sides["same"])
    assert expected in result.stdout
    assert result.exit_code in {0, 3}


def test_suggests_names_for_an_unknown_one(sides: dict[str, Path]) -> None:
    result = explained("user/alicia", sides["same"])
    assert (result.exit_code, "`user/alice`" in result.stderr) == (2, True)


def test_explains_as_json(sides: dict[str, Path]) -> None:
    explanation = json.loads(run("explain", "user/carol", sides["same"], "--format", "json").stdout)
    assert [each["levels"] for each in explanation["sentences"]] == [["write"]]
