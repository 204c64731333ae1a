"""The workflows: a pull request's code runs where nothing can be read or written, and its data meets no code of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / ".github" / "workflows"


def workflow(name: str) -> dict[str, Any]:
    # `on` is a truth value in YAML 1.1; GitHub reads 1.2
    return {str(key): each for key, each in yaml.safe_load((FOLDER / name).read_text()).items()}


SYNTH, COMMENT = workflow("review.yaml"), workflow("review-comment.yaml")
JOBS = [
    pytest.param(job, id=f"{file['name']} {name}")
    for file in (SYNTH, COMMENT)
    for name, job in file["jobs"].items()
]


def steps(job: dict[str, Any], action: str) -> list[dict[str, Any]]:
    return [each for each in job["steps"] if each.get("uses", "").startswith(action)]


def test_nothing_is_granted_to_all_jobs() -> None:
    assert SYNTH["permissions"] == COMMENT["permissions"] == {}


def test_the_pull_request_runs_without_secrets_or_rights() -> None:
    assert SYNTH["True"] == "pull_request"
    (job,) = SYNTH["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    text = (FOLDER / "review.yaml").read_text()
    assert not any(
        word in text for word in ("secrets", "github.token", "write", "cache", "pull_request_target")
    )


@pytest.mark.parametrize("job", JOBS)
def test_no_checkout_leaves_credentials(job: dict[str, Any]) -> None:
    assert all(each["with"]["persist-credentials"] is False for each in steps(job, "actions/checkout"))


@pytest.mark.parametrize("job", JOBS)
def test_untrusted_names_are_never_pasted_into_a_script(job: dict[str, Any]) -> None:
    assert not any("${{" in each.get("run", "") for each in job["steps"])


@pytest.mark.parametrize("job", JOBS)
def test_a_job_that_can_write_runs_only_the_action_of_the_default_branch(job: dict[str, Any]) -> None:
    if "write" in job["permissions"].values():
        checkout, action = job["steps"]
        assert checkout["with"] == {"persist-credentials": False}
        assert action == {"uses": "./", "with": {"mode": "comment"}}


def test_the_default_branch_reads_what_the_pull_request_made() -> None:
    assert COMMENT["True"] == {"workflow_run": {"workflows": [SYNTH["name"]], "types": ["completed"]}}
    checkouts = [each["with"] for job in COMMENT["jobs"].values() for each in steps(job, "actions/checkout")]
    refs = {each.get("ref", "default branch") for each in checkouts}
    assert refs == {"default branch", "${{ needs.find.outputs.base }}"}


def test_the_base_is_the_commit_that_github_names() -> None:
    find = COMMENT["jobs"]["find"]
    assert find["permissions"] == {"contents": "read", "pull-requests": "read"}
    assert find["outputs"]["base"] == "${{ steps.find.outputs.base }}"
    assert find["steps"][-1] == {"id": "find", "uses": "./", "with": {"mode": "find"}}


def test_untrusted_data_comes_after_all_other_code() -> None:
    *before, last = COMMENT["jobs"]["review"]["steps"]
    assert last["uses"] == "./"
    assert last["with"] == {
        "mode": "review",
        "base": "base.out",
        "approvers": "base/.github/approvers.yaml",
    }
    assert not any(each.get("uses", "").startswith(("./", "actions/download-artifact")) for each in before)


def test_nothing_is_cached_after_untrusted_data_arrived() -> None:
    used = [each.get("uses", "").partition("@")[0] for each in COMMENT["jobs"]["review"]["steps"]]
    assert "actions/cache" not in used, "it saves at the end of the job"
    assert used.index("actions/cache/save") < used.index("./")


def test_a_review_that_failed_is_told_too() -> None:
    assert "!cancelled()" in COMMENT["jobs"]["comment"]["if"]
    assert "conclusion" not in COMMENT["jobs"]["comment"]["if"]


GITLAB = yaml.safe_load((FOLDER.parents[1] / "docs" / "review.gitlab-ci.yml").read_text())


def test_gitlab_s_merge_request_reads_no_token() -> None:
    assert "TOKEN" not in str(GITLAB["synth"])
    assert GITLAB["synth"]["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]


def test_the_gitlab_reviewer_runs_on_protected_branches_only() -> None:
    for name in ("review", "comment"):
        (rule,) = GITLAB[name]["rules"]
        assert "$CI_COMMIT_REF_PROTECTED" in rule["if"]
        assert "$REQUEST =~ /^[0-9]{1,9}$/" in rule["if"]


def test_gitlab_s_token_that_writes_meets_no_code() -> None:
    (script,) = GITLAB["comment"]["script"]
    assert "COMMENT_TOKEN" in script
    assert not any(word in script for word in ("keywright review", "make", "git", "zip", "subprocess"))
    assert "COMMENT_TOKEN" not in str(GITLAB["review"])


def test_gitlab_untrusted_data_comes_after_all_code_but_the_review() -> None:
    script = GITLAB["review"]["script"]
    (unpacked,) = [at for at, each in enumerate(script) if "unpack" in each and "<<" not in each]
    (review,) = script[unpacked + 1 :]
    assert review.splitlines()[1].startswith("timeout 300 base/.venv/bin/keywright review ")
    assert script.index("unset READ_TOKEN") < unpacked


def test_gitlab_s_scripts_are_python() -> None:
    for job in GITLAB.values():
        for each in job["script"]:
            if "<<'PYTHON'" in each:
                compile(each.split("<<'PYTHON'\n")[1].split("PYTHON\n")[0], "script", "exec")


def test_the_sample_s_approvers_are_read() -> None:
    from keywright.review.report.approvals import read_approvers

    file = FOLDER.parent / "approvers.yaml"
    teams, findings = read_approvers(file.read_text(), file.name)
    assert findings == []
    assert teams["trust"]
