"""The workflows of a new repository: nothing of a pull request runs where a secret or a write permission is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.unit.github.server import TOKEN
from tests.unit.github.test_download import archive, artifact
from tests.unit.github.test_review import READ, WRITE, template

if TYPE_CHECKING:
    from tests.unit.github.conftest import Step
    from tests.unit.github.server import GitHub

ROOT = Path(__file__).parents[3]
STARTER = ROOT / "keywright" / "starter" / "repository"
FILES = sorted((STARTER / ".github" / "workflows").glob("*.yaml"))


def workflow(name: str) -> dict[str, Any]:
    # `on` is a truth value in YAML 1.1; GitHub reads 1.2
    return {str(key): each for key, each in yaml.safe_load((FILES[0].parent / name).read_text()).items()}


JOBS = [
    pytest.param(job, id=f"{file.stem} {name}")
    for file in FILES
    for name, job in workflow(file.name)["jobs"].items()
]


def scripts(job: dict[str, Any]) -> list[str]:
    return [each["run"] for each in job["steps"] if "run" in each]


def test_there_is_a_workflow_for_each_task() -> None:
    assert [file.stem for file in FILES] == ["check", "deploy", "review-comment", "review"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_secret_is_stored_and_nothing_is_granted_to_all_jobs(file: Path) -> None:
    assert workflow(file.name)["permissions"] == {}
    assert not re.search(r"\$\{\{[^}]*secrets|AWS_SECRET|pull_request_target", file.read_text())


@pytest.mark.parametrize("job", JOBS)
def test_no_script_has_an_expression_and_no_checkout_leaves_credentials(job: dict[str, Any]) -> None:
    assert not any("${{" in each for each in scripts(job))
    for step in job["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", ["check.yaml", "review.yaml"])
def test_code_of_a_pull_request_runs_without_rights(name: str) -> None:
    (job,) = workflow(name)["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert "token" not in (FILES[0].parent / name).read_text()


@pytest.mark.parametrize("job", JOBS)
def test_a_job_that_can_write_runs_only_the_comment(job: dict[str, Any]) -> None:
    if "write" in {value for name, value in job["permissions"].items() if name != "id-token"}:
        assert scripts(job) == [
            "python -m pip install --quiet --no-deps -r requirements-keywright.txt",
            "python -P -m keywright.github comment",
        ]
        assert "ref" not in job["steps"][0]["with"], "the default branch"


def test_untrusted_data_comes_after_all_code_but_the_review() -> None:
    job = workflow("review-comment.yaml")["jobs"]["review"]
    assert scripts(job)[-2:] == [
        ".venv/bin/python -P -m keywright.github download",
        ".venv/bin/python -P -m keywright.github review",
    ]
    review = next(each for each in job["steps"] if each.get("id") == "review")
    assert "TOKEN" not in str(review)


def test_the_steps_know_the_inputs_that_they_get() -> None:
    code = "".join(file.read_text() for file in (ROOT / "keywright" / "github").glob("*.py"))
    known = {name.upper() for name in re.findall(r'runner\.given\("([a-z]+)"', code)}
    sent = set(re.findall(r"KEYWRIGHT_([A-Z]+):", (FILES[0].parent / "review-comment.yaml").read_text()))
    assert sent <= known


def test_deployment_waits_for_approval_and_for_the_one_before() -> None:
    deploy = workflow("deploy.yaml")
    assert deploy["True"] == {"push": {"branches": ["main"]}}
    assert deploy["concurrency"] == {"group": "deploy", "cancel-in-progress": False}
    (job,) = deploy["jobs"].values()
    assert job["environment"] == "production"
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    (credentials,) = [each["with"] for each in job["steps"] if "configure-aws-credentials" in str(each)]
    assert credentials["role-to-assume"] == "${{ vars.DEPLOY_ROLE }}"
    assert credentials["allowed-account-ids"] == "__ACCOUNT_ID__"


def test_on_gitlab_only_the_deployment_has_an_identity() -> None:
    jobs = yaml.safe_load((STARTER / ".gitlab-ci.yml").read_text())
    assert [name for name, job in jobs.items() if "id_tokens" in job] == ["deploy"]
    (rule,) = jobs["deploy"]["rules"]
    assert rule["if"] == "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $DEPLOY_ROLE"
    assert (jobs["deploy"]["resource_group"], jobs["deploy"]["environment"]) == ("deploy", "production")
    assert "TOKEN" not in str([jobs["check"], jobs["review"]])


# The steps of the review, run by a shell as the runner would


def played(name: str, step: Step, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the step of a mode, with the values that its expressions have."""
    jobs = workflow("review-comment.yaml")["jobs"].values()
    (found,) = [
        each for job in jobs for each in job["steps"] if each.get("run", "").endswith(f"github {name}")
    ]
    values = {
        "github.token": TOKEN,
        "runner.temp": str(folder),
        "steps.download.outputs.folder": str(folder / "keywright" / "head"),
    }
    sent = {
        key: re.sub(r"\$\{\{ (.+?) \}\}", lambda each: values[each[1]], text)
        for key, text in found["env"].items()
    }
    # What `make setup`, or `pip install --no-deps` in the jobs that install nothing else, has put there.
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    installed = "" if name in {"download", "review"} else "-S"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} {installed} "$@"\n')
    python.chmod(0o755)
    environment = step.environment() | {"GITHUB_TOKEN": "", "PATH": f"{python.parent}:/usr/bin:/bin"} | sent
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", found["run"]],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_reviews_the_artifact_of_a_pull_request_and_comments(
    step: Step, github: GitHub, tmp_path: Path
) -> None:
    (tmp_path / "base").mkdir()
    template(tmp_path / "base" / "access.template.json", READ)
    changed = template(tmp_path / "changed.json", READ, WRITE)
    github.archive = archive(("access.template.json", Path(changed).read_bytes()))
    github.artifacts = [artifact()]
    for name in ("find", "download", "review", "comment"):
        done = played(name, step, tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), name
    (comment,) = github.comments
    assert "`s3:PutObject`" in comment["body"]
    assert github.labels == ["access: widens", "access: write"]
    assert (step.outputs["number"], step.outputs["verdict"]) == ("7", "widens")
