"""The workflows of a new repository: nothing of a pull request runs where a secret or a write permission is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

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
