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
def test_what_a_stranger_names_is_never_pasted_into_a_script(job: dict[str, Any]) -> None:
    assert not any("${{" in each.get("run", "") for each in job["steps"])


@pytest.mark.parametrize("job", JOBS)
def test_who_may_write_checks_nothing_out_and_runs_nothing_of_the_repository(job: dict[str, Any]) -> None:
    if "write" in job["permissions"].values():
        assert steps(job, "actions/checkout") == []
        assert not any(
            "make" in each.get("run", "") or ".venv" in each.get("run", "") for each in job["steps"]
        )


def test_the_default_branch_reads_what_the_pull_request_made() -> None:
    assert COMMENT["True"] == {"workflow_run": {"workflows": [SYNTH["name"]], "types": ["completed"]}}
    checkouts = [each["with"] for job in COMMENT["jobs"].values() for each in steps(job, "actions/checkout")]
    assert [each.get("ref", "default branch") for each in checkouts] == [
        "default branch",
        "${{ needs.find.outputs.base }}",
    ]


def test_the_stranger_s_data_comes_after_all_code_but_the_review() -> None:
    names = [str(each.get("run", each.get("uses"))) for each in COMMENT["jobs"]["review"]["steps"]]
    (arrival,) = [at for at, name in enumerate(names) if name.startswith("actions/download-artifact")]
    after = [name for name in names[arrival + 1 :] if not name.startswith("actions/upload-artifact")]
    assert [name.splitlines()[1] for name in after] == [
        "timeout 300 .venv/bin/keywright review base.out head.out > review.md"
    ]


def test_the_comment_is_found_by_its_mark() -> None:
    from keywright.review.markdown import MARK

    assert MARK in (FOLDER / "review-comment.yaml").read_text()
