"""The mode `review`: report, labels and verdict of two assemblies; a failure never looks like a verdict."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from keywright.github.comment import MARK

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.github.conftest import Step
    from tests.unit.github.server import GitHub

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}
WRITE = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::reports/*"}


def template(file: Path, *statements: dict[str, str], name: str = "analysts") -> str:
    policy = {"PolicyName": "grants", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    group = {"Type": "AWS::IAM::Group", "Properties": {"GroupName": name, "Policies": [policy]}}
    file.write_text(json.dumps({"Resources": {"Group": group}}))
    return str(file)


@pytest.fixture
def sides(tmp_path: Path) -> dict[str, str]:
    return {
        "base": template(tmp_path / "base.json", READ),
        "head": template(tmp_path / "head.json", READ, WRITE),
    }


def test_reports_a_gain(step: Step, sides: dict[str, str], tmp_path: Path) -> None:
    assert step.run("review", **sides) == 0
    assert (step.outputs["verdict"], step.outputs["exit-code"]) == ("widens", "1")
    assert (tmp_path / "keywright" / "review.md").read_text().startswith(MARK)
    assert (tmp_path / "keywright" / "labels").read_text() == "access: widens\naccess: write\n"
    assert "s3:PutObject" in step.summary


def test_fails_on_gains_where_asked(step: Step, sides: dict[str, str]) -> None:
    assert step.run("review", **sides, fail_on_gains="true") == 1
    assert step.outputs["verdict"] == "widens"


def test_passes_without_a_gain(step: Step, sides: dict[str, str]) -> None:
    assert step.run("review", base=sides["head"], head=sides["base"], fail_on_gains="true") == 0
    assert step.outputs["verdict"] == "no new access"


def test_the_artifact_of_one_template_is_compared_with_that_template(
    step: Step, sides: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "head").mkdir()
    template(tmp_path / "head" / "base.json", READ)
    assert step.run("review", base=sides["base"], head=str(tmp_path / "head")) == 0
    assert step.outputs["verdict"] == "no new access"
    assert "nothing changed" in step.summary


def test_an_unusable_side_fails_and_leaves_no_labels(
    step: Step, sides: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "head.json").write_text("{")
    assert step.run("review", **sides) == 2
    assert (step.outputs["verdict"], step.outputs["exit-code"]) == ("unusable", "2")
    assert not (tmp_path / "keywright" / "labels").exists()


def test_without_a_report_the_summary_says_that_it_failed(
    step: Step, sides: dict[str, str], tmp_path: Path
) -> None:
    assert step.run("review", **sides, approvers=str(tmp_path / "absent.yaml")) == 2
    assert not (tmp_path / "keywright" / "review.md").exists()
    assert step.summary == "### Access review: failed; see the log\n"
    assert "absent.yaml: cannot be read" in step.log


def test_needs_a_base(step: Step) -> None:
    assert step.run("review") == 2
    assert step.log.startswith("::error::the input `base` is empty")


def test_asks_github_nothing(step: Step, sides: dict[str, str], github: GitHub) -> None:
    assert step.run("review", **sides) == 0
    assert github.asked == []


@pytest.mark.parametrize("base", ["--output=pwned", "--upload-pack=touch pwned", "$(touch pwned)"])
def test_a_side_is_never_an_option(
    step: Step, base: str, sides: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert step.run("review", base=base, head=sides["head"]) == 2
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("@everyone", id="mention"),
        pytest.param("x` @everyone `", id="mention out of a code span"),
        pytest.param("x\n\n<!-- keywright access review -->\n@everyone", id="second mark"),
        pytest.param("</details><img src=x onerror=alert(1)>", id="markup"),
        pytest.param("[x](javascript:alert(1))", id="link"),
    ],
)
def test_a_hostile_name_neither_mentions_nor_breaks_out(
    step: Step, sides: dict[str, str], tmp_path: Path, name: str
) -> None:
    head = template(tmp_path / "hostile.json", READ, WRITE, name=name)
    assert step.run("review", base=sides["base"], head=head) == 0
    report = (tmp_path / "keywright" / "review.md").read_text()
    outside_code = re.sub(r"(`+).+?\1", "", report)
    assert outside_code.count(MARK) == 1
    assert not any(each in outside_code for each in ("@everyone", "<img", "](javascript"))
