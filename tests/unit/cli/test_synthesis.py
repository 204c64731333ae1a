"""Commits as arguments of `keywright review`: synthesized in clean work trees, cached by commit, nothing else left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import allow, inline, resource

if TYPE_CHECKING:
    from pathlib import Path

APP = """
import json, os, pathlib, sys
import grants
out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.mkdir(parents=True, exist_ok=True)
context = json.loads(os.environ["CDK_CONTEXT_JSON"])
template = json.loads(pathlib.Path("template.json").read_text())
template["Resources"]["Alice"]["Properties"]["UserName"] = context.get("name", "alice")
template["Resources"]["Alice"]["Properties"]["Policies"] += grants.POLICIES
(out / "people.template.json").write_text(json.dumps(template))
stack = {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
         "properties": {"templateFile": "people.template.json"}}
(out / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"people": stack}}))
"""


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def template(*actions: str) -> str:
    alice = resource("IAM::User", UserName="alice", Policies=inline(*(allow(each) for each in actions)))
    return json.dumps({"Resources": {"Alice": alice}})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository of three commits with an app, whose grants are in a template and a separate module."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "cdk.json").write_text(
        json.dumps({"app": f"{sys.executable} app.py", "context": {"name": "bob"}})
    )
    (folder / "app.py").write_text(APP)
    (folder / "grants.py").write_text("POLICIES = []\n")
    for name, actions in {"first": ["s3:GetObject"], "second": ["s3:GetObject", "s3:PutObject"]}.items():
        (folder / "template.json").write_text(template(*actions))
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", name)
        git(folder, "tag", name)
    monkeypatch.chdir(folder)
    return folder


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["review", *map(str, arguments)])


def trees(project: Path) -> int:
    return git(project, "worktree", "list").count("\n") + 1


def test_synthesizes_two_commits(project: Path) -> None:
    forth, back = run("first", "second"), run("second", "first")
    assert (forth.exit_code, back.exit_code) == (1, 0)
    assert "`user/bob` can **write**" in forth.stdout


def test_synthesizes_a_commit_and_the_working_tree(project: Path) -> None:
    (project / "template.json").write_text(template("s3:GetObject", "s3:PutObject", "sqs:SendMessage"))
    found = run("second")
    assert found.exit_code == 1
    assert "`sqs:SendMessage`" in found.stdout
    assert "synthesizing the working tree" in found.stderr


def test_an_old_commit_runs_its_own_modules(project: Path) -> None:
    (project / "grants.py").write_text("raise SystemExit('the working tree was imported')\n")
    assert run("first", "second").exit_code == 1


def test_leaves_only_the_cached_assemblies(project: Path) -> None:
    run("first", "second")
    kept = {git(project, "rev-parse", each) for each in ("first", "second")}
    assert {each.name for each in (project / ".review").iterdir()} == kept | {".gitignore"}
    assert trees(project) == 1
    assert git(project, "status", "--porcelain") == ""


def test_a_commit_is_synthesized_once(project: Path) -> None:
    assert "synthesizing `first`" in run("first", "second").stderr
    assert run("first", "second").stderr == ""


def test_an_existing_path_takes_precedence(project: Path) -> None:
    run("first", "second")
    shutil.move(project / ".review" / git(project, "rev-parse", "second"), project / "first")
    assert "nothing changed" in run("first", "second").stdout


@pytest.mark.parametrize(
    ("app_py", "says"),
    [
        pytest.param("raise SystemExit('no such bucket')", "no such bucket", id="the app fails"),
        pytest.param("print('done')", "writes no assembly", id="the app makes nothing"),
    ],
)
def test_reports_an_app_that_makes_no_assembly(project: Path, app_py: str, says: str) -> None:
    (project / "app.py").write_text(app_py)
    git(project, "commit", "--quiet", "--all", "--message", "broken")
    found = run("first", "HEAD")
    assert found.exit_code == 2
    assert says in found.stderr
    assert trees(project) == 1
    assert len(list((project / ".review").iterdir())) == 2


def test_reports_a_commit_without_an_app(project: Path) -> None:
    (project / "cdk.json").unlink()
    git(project, "commit", "--quiet", "--all", "--message", "no app")
    found = run("first", "HEAD")
    assert (found.exit_code, "no `app` in cdk.json" in found.stderr) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("first", "nowhere"), id="no commit and no path"),
        pytest.param(("--", "first", "--upload-pack=touch${IFS}evil"), id="an option of git"),
        pytest.param(("first:template.json", "second"), id="a file of a commit"),
        pytest.param(("nowhere",), id="nothing to compare with"),
    ],
)
def test_reports_what_is_neither_a_path_nor_a_commit(project: Path, arguments: tuple[str, ...]) -> None:
    found = run(*arguments)
    assert found.exit_code == 2
    assert not (project / "evil").exists()


def test_runs_no_hook_of_the_repository(project: Path) -> None:
    hook = project / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {project / 'hooked'}\n")
    hook.chmod(0o755)
    run("first", "second")
    assert not (project / "hooked").exists()


def test_names_are_paths_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("main", "HEAD").exit_code == 2
