"""The review for programs: JSON of its published schema, SARIF of the standard's, labels and approvals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.review.report.approvals import KINDS, approvals, kinds, labels, read_approvers
from keywright.review.report.as_json import as_json
from keywright.review.report.as_sarif import as_sarif
from keywright.review.result import Fact, Note, Review
from keywright.review.schema import FILE, published, schema
from tests.unit.cli.access import write as write_account
from tests.unit.review.templates import OBJECTS, allow, resource, reviewed, role, to, trust, user, write
from tests.unit.review.test_comment import BASE, HOSTILE, PAGES
from tests.unit.review.test_every_gain_is_found import PAIRS

if TYPE_CHECKING:
    from pathlib import Path

READ = allow("s3:GetObject", OBJECTS)


@pytest.fixture(scope="module")
def sarif(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "tests/golden/check/sarif.schema.json").read_text())
    return found


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["review", *(str(each) for each in arguments)])


def test_the_published_schema_is_the_one(root: Path) -> None:
    assert (root / FILE).read_text() == published(), "make docs writes it anew"


@pytest.mark.parametrize("name", PAGES)
def test_is_of_the_schemas(name: str, tmp_path: Path, sarif: dict[str, Any]) -> None:
    head = {key: each for key, each in PAGES[name].items() if each is not None}
    found = reviewed(tmp_path, BASE, head)
    jsonschema.validate(json.loads(json.dumps(as_json(found))), schema())
    jsonschema.validate(json.loads(json.dumps(as_sarif(found))), sarif)


@pytest.mark.parametrize("form", ["json", "sarif"])
@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_commands_exit_with_the_same_code_in_every_format(
    form: str, code: int, tmp_path: Path, sarif: dict[str, Any]
) -> None:
    heads: dict[int, dict[str, Any]] = {
        0: {"Alice": user(READ)},
        1: {"Alice": user(READ, allow("sqs:*"))},
        3: {"Alice": user(READ, ManagedPolicyArns=["arn:aws:iam::111111111111:policy/x"])},
    }
    base = write(tmp_path / "base.json", heads[0])
    head = write(tmp_path / "head.json", heads[code]) if code in heads else tmp_path / "absent.json"
    result = run(base, head, "--format", form)
    assert result.exit_code == code
    jsonschema.validate(json.loads(result.stdout), schema() if form == "json" else sarif)


def test_each_gain_is_a_result_at_its_place(tmp_path: Path) -> None:
    found = reviewed(tmp_path, {}, {"Alice": user(READ)})
    (result,) = as_sarif(found)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], place["region"]["startLine"]) == (
        "access-gained",
        found.gains[0].gains[0].place.line,
    )  # type: ignore[union-attr]


def test_expected_gains_are_suppressed_with_their_reason() -> None:
    facts = (Fact("key", "user/a", "has access key `K`", widens=True, expected="the scanner needs it"),)
    (result,) = as_sarif(Review(facts=facts))["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "the scanner needs it"}]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_of_the_schemas_too(name: str, tmp_path: Path, sarif: dict[str, Any]) -> None:
    found = reviewed(tmp_path, {}, {"Alice": user(READ, name=name), name: user(READ, name="b")})
    jsonschema.validate(json.loads(json.dumps(as_json(found))), schema())
    jsonschema.validate(json.loads(json.dumps(as_sarif(found))), sarif)


# Who has to approve

TEAMS = """
permissions management: acme/security
trust: acme/security
sign-in: acme/people
tagging: acme/platform
"""


def test_lists_approvers_and_their_reasons(tmp_path: Path) -> None:
    (tmp_path / "teams.yaml").write_text(TEAMS)
    base = write(tmp_path / "base.json", {"Alice": user()})
    head = write(
        tmp_path / "head.json",
        {
            "Alice": user(allow("iam:PutUserPolicy", "arn:aws:iam::111111111111:user/x")),
            "Worker": role(trust({"Service": "ec2.amazonaws.com"})),
            "Key": resource("IAM::AccessKey", UserName="alice"),
        },
    )
    result = run(base, head, "--approvers", tmp_path / "teams.yaml", "--labels", tmp_path / "labels")
    assert "- `acme/security`: permissions management (`user/alice`); trust (`role/worker`)" in result.stdout
    assert "- `acme/people`: sign-in (`user/alice`)" in result.stdout
    assert "tagging" not in result.stdout
    assert (tmp_path / "labels").read_text().splitlines() == [
        "access: widens",
        "access: permissions management",
        "access: write",
        "access: trust",
        "access: sign-in",
        "access: escalation",
    ]


def test_labels_have_fixed_words_only(tmp_path: Path) -> None:
    for base, head in PAIRS.values():
        found = labels(reviewed(tmp_path, base, head))
        assert set(found) <= {"access: widens", *(f"access: {each}" for each in KINDS)}


def test_weakened_checks_are_a_kind_of_change() -> None:
    notes = (
        Note("invariant", "never: x", "is no longer declared", weakens=True),
        Note("quota", "a", "uses 9 of 10"),
    )
    found = Review(notes=notes)
    assert kinds(found) == {"invariant": ("never: x",)}
    assert [each.team for each in approvals(found, {"invariant": "acme/security"})] == ["acme/security"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            "- a", "t:1:1: the file is not a mapping; accepted: kinds of change with their teams", id="a list"
        ),
        pytest.param(
            "permission management: a",
            "t:1:1: `permission management` is not a kind of change; accepted: `permissions management`",
            id="a kind misspelled",
        ),
        pytest.param(
            "write: [a]",
            "t:1:8: `write` has no team; accepted: a name, such as `acme/security`",
            id="no team",
        ),
    ],
)
def test_reports_the_place_of_a_mistake_in_a_file(text: str, says: str) -> None:
    teams, findings = read_approvers(text, "t")
    assert teams == {}
    assert str(findings[0]).startswith(says)


def test_a_missing_file_of_approvers_is_unusable_input(tmp_path: Path) -> None:
    snapshot = write_account(tmp_path)
    result = run(snapshot, snapshot, "--approvers", tmp_path / "absent.yaml")
    assert (result.exit_code, "absent.yaml" in result.stderr) == (2, True)


def test_a_public_bucket_is_of_the_kind_resource(tmp_path: Path) -> None:
    policy = resource("S3::BucketPolicy", Bucket="b", PolicyDocument={"Statement": [to("*")]})
    assert "resource" in kinds(reviewed(tmp_path, {}, {"Policy": policy}))
