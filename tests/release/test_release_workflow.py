"""The workflow of a release: code runs without rights, and each right is in a job that runs none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"
RELEASE = yaml.safe_load((WORKFLOWS / "release.yaml").read_text())
PAGES = yaml.safe_load((WORKFLOWS / "pages.yaml").read_text())
JOBS = [
    pytest.param(job, id=f"{file['name']} {name}")
    for file in (RELEASE, PAGES)
    for name, job in file["jobs"].items()
]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_with_a_right_checks_nothing_out(job: dict[str, Any]) -> None:
    if "write" in job["permissions"].values():
        assert not any("checkout" in str(each.get("uses")) for each in job["steps"])
        assert not any("make" in each.get("run", "") for each in job["steps"])


@pytest.mark.parametrize("job", JOBS)
def test_no_script_has_an_expression(job: dict[str, Any]) -> None:
    assert not any("${{" in each.get("run", "") for each in job["steps"])


def test_each_right_is_in_one_job() -> None:
    rights = {name: set(job["permissions"].items()) for name, job in RELEASE["jobs"].items()}
    assert rights == {
        "build": {("contents", "read")},
        "attest": {("id-token", "write"), ("attestations", "write")},
        "publish": {("id-token", "write")},
        "github": {("contents", "write")},
    }
    assert RELEASE["permissions"] == PAGES["permissions"] == {}


def test_publishing_needs_no_stored_token_and_waits_for_approval() -> None:
    assert "secrets" not in (WORKFLOWS / "release.yaml").read_text()
    publish = RELEASE["jobs"]["publish"]
    assert publish["environment"]["name"] == "pypi"
    assert "with" not in publish["steps"][-1]


def test_nothing_is_published_before_it_is_checked() -> None:
    commands = [each["run"] for each in RELEASE["jobs"]["build"]["steps"] if "run" in each]
    assert commands[:4] == [
        'git merge-base --is-ancestor "$GITHUB_SHA" origin/main',
        "make setup",
        'make release-check TAG="$GITHUB_REF_NAME"',
        "make dist sbom",
    ]
    assert 'keywright" --version)" = "keywright ${GITHUB_REF_NAME#v}"' in commands[4]
    assert RELEASE["jobs"]["github"]["needs"] == "publish"
    assert RELEASE["jobs"]["publish"]["needs"] == ["build", "attest"]
