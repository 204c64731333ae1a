"""One comment, which is updated, and the labels of the review; nothing where there is no pull request."""

from __future__ import annotations

import pytest

from keywright.github.comment import LABELS, MARK, REPORT
from tests.unit.github.conftest import Step, workflow_run
from tests.unit.github.server import COMMIT, GitHub, comment

REVIEW = f"{MARK}\n### Access review: **widens**\n\n- `role/deployer` gains **write** on `bucket/reports`\n"
FAILED = f"{MARK}\n### Access review: **failed**; see the log of the workflow\n\nCommit: {COMMIT}"


def reviewed(step: Step, labels: str = "access: write\n", review: str = REVIEW) -> Step:
    step.leave(REPORT, review)
    step.leave(LABELS, labels)
    return step


def test_creates_the_comment_and_the_labels(step: Step, github: GitHub) -> None:
    assert reviewed(step).run("comment") == 0
    assert [each["body"] for each in github.comments] == [f"{REVIEW}\nReviewed commit: {COMMIT}"]
    assert github.labels == ["access: write"]


def test_updates_the_comment_instead_of_repeating_it(step: Step, github: GitHub) -> None:
    others = [comment(each, "thanks", "User") for each in range(150)]
    github.comments = [*others, comment(200, f"{MARK}\nthe review of an earlier commit")]
    assert reviewed(step).run("comment") == 0
    assert reviewed(step).run("comment") == 0
    assert [each for each in github.comments if each["id"] != 200] == others
    assert github.comments[-1]["body"].endswith(f"Reviewed commit: {COMMIT}")
    assert [each for each in github.written if "comments" in each] == ["PATCH issues/comments/200"] * 2


def test_leaves_a_comment_that_a_person_began_with_the_mark(step: Step, github: GitHub) -> None:
    forged = comment(5, f"{MARK}\n### Access review: nothing changed", "User")
    github.comments = [dict(forged)]
    assert reviewed(step).run("comment") == 0
    assert github.comments[0] == forged
    assert len(github.comments) == 2


def test_replaces_only_the_labels_of_reviews(step: Step, github: GitHub) -> None:
    github.labels = ["bug", "access: trust", "access: read", "access needed"]
    assert reviewed(step, "access: read\naccess: write\naccess: write\n").run("comment") == 0
    assert github.labels == ["bug", "access: read", "access needed", "access: write"]


@pytest.mark.parametrize(
    "label",
    [
        "access: $(touch pwned)",
        "access: x\n::error::y",
        "bug",
        "access: ../../issues/1",
        "access: é",
        "access: " + "x" * 31,
        "--method=DELETE",
    ],
)
def test_a_label_of_another_form_is_left_out(step: Step, github: GitHub, label: str) -> None:
    assert reviewed(step, f"{label}\naccess: trust\n").run("comment") == 0
    assert github.labels in (["access: trust"], ["access: x", "access: trust"])


def test_writes_at_most_twenty_labels(step: Step, github: GitHub) -> None:
    labels = "".join(f"access: {'x' * number}\n" for number in range(1, 31))
    assert reviewed(step, labels).run("comment") == 0
    assert len(github.labels) == 20


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(workflow_run(event="push"), id="run of a push"),
        pytest.param(workflow_run(head_sha="d" * 40), id="outdated commit"),
        pytest.param({}, id="no run"),
    ],
)
def test_without_a_pull_request_nothing_is_written(
    step: Step, github: GitHub, event: dict[str, object]
) -> None:
    step.event = event
    assert reviewed(step).run("comment") == 0
    assert github.written == []
    assert "nothing is written" in step.log


@pytest.mark.parametrize(
    "review",
    [
        pytest.param("", id="empty"),
        pytest.param("@everyone look at this", id="without the mark"),
        pytest.param(REVIEW + "x" * 65_536, id="too long"),
        pytest.param(REVIEW + "é" * 32_700, id="too long in bytes"),
    ],
)
def test_a_report_that_is_no_review_is_not_published(step: Step, github: GitHub, review: str) -> None:
    github.labels = ["access: trust"]
    assert reviewed(step, review=review).run("comment") == 0
    assert [each["body"] for each in github.comments] == [FAILED]
    assert github.labels == ["access: trust"], "who has to approve still does"


def test_a_missing_report_replaces_an_earlier_verdict(step: Step, github: GitHub) -> None:
    github.comments = [comment(200, f"{MARK}\n### Access review: nothing changed")]
    github.labels = ["access: trust"]
    assert step.run("comment") == 0
    assert github.comments == [comment(200, FAILED)]
    assert github.labels == ["access: trust"]


def test_a_report_that_is_a_link_is_not_followed(step: Step, github: GitHub) -> None:
    step.leave(LABELS, "")
    (step.folder / "secret").write_text(f"{MARK} secret")
    (step.folder / "keywright" / REPORT).symlink_to(step.folder / "secret")
    assert step.run("comment") == 0
    assert github.comments[0]["body"] == FAILED


def test_labels_that_are_a_link_leave_those_of_the_pull_request(step: Step, github: GitHub) -> None:
    step.leave(REPORT, REVIEW)
    (step.folder / "empty").write_text("")
    (step.folder / "keywright" / LABELS).symlink_to(step.folder / "empty")
    github.labels = ["access: trust"]
    assert step.run("comment") == 0
    assert github.labels == ["access: trust"]


def test_text_of_a_report_is_no_command(step: Step, github: GitHub) -> None:
    hostile = f"{REVIEW}\n::add-mask::x\n`$(touch pwned)` ${{{{ github.token }}}}\n"
    assert reviewed(step, review=hostile).run("comment") == 0
    assert github.comments[0]["body"] == f"{hostile.rstrip()}\n\nReviewed commit: {COMMIT}"
    assert step.log == ""


def test_a_refusal_is_one_sentence(step: Step, github: GitHub) -> None:
    github.refused = ("POST", 403)
    assert reviewed(step).run("comment") == 2
    assert step.log == (
        "::error::POST /repos/acme/access/issues/7/comments: GitHub answered 403; "
        'found `{"message": "Resource not accessible by integration"}`\n'
    )


def test_a_label_that_is_gone_already_is_no_error(step: Step, github: GitHub) -> None:
    github.labels = ["access: trust"]
    github.refused = ("DELETE", 404)
    assert reviewed(step).run("comment") == 0


def test_the_mark_is_that_of_the_review() -> None:
    from keywright.review.report.markdown import LONGEST_COMMENT
    from keywright.review.report.markdown import MARK as OF_REVIEW

    assert OF_REVIEW == MARK
    assert LONGEST_COMMENT == 65_536
