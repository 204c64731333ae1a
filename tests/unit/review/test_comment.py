"""The Markdown comment: golden pages, hostile names, the size limit."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keywright.reporting.finding import Finding, Location
from keywright.review.report.as_json import as_json
from keywright.review.report.markdown import LONGEST_COMMENT, render_markdown
from keywright.review.report.wording import code
from keywright.review.result import Fact, Review
from keywright.review.review import Given, review
from tests.unit.review.templates import (
    AUDIENCE,
    HERE,
    MFA,
    OBJECTS,
    SUBJECT,
    TODAY,
    allow,
    bucket_policy,
    deny,
    given,
    group,
    managed,
    resource,
    reviewed,
    role,
    to,
    trust,
    user,
    web_identity,
    write,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "review"
READ = allow("s3:GetObject", OBJECTS)

BASE = {
    "Analysts": group(READ, allow("s3:ListBucket", "arn:aws:s3:::acme-reports")),
    "OnCall": resource("IAM::Group", GroupName="on-call"),
    "Alice": user(Groups=[{"Ref": "Analysts"}]),
    "Bob": user(name="bob", Groups=[{"Ref": "Analysts"}]),
    "Carol": user(allow("ssm:StartSession", "arn:aws:ec2:*:*:instance/*"), name="carol"),
    "Worker": role(trust({"AWS": HERE}, Condition=MFA), READ),
    "Policy": bucket_policy(to({"AWS": "222222222222"})),
    "Deployer": role(
        web_identity(
            StringEquals={SUBJECT: "repo:acme/shop:environment:live", AUDIENCE: "sts.amazonaws.com"}
        ),
        RoleName="deployer",
    ),
    "Vendor": role(
        trust({"AWS": "333333333333"}, Condition={"StringEquals": {"sts:ExternalId": "acme-7f3a"}}),
        READ,
        RoleName="vendor",
    ),
}
PAGES: dict[str, dict[str, Any]] = {
    "widens": BASE
    | {
        "Analysts": group(
            READ,
            allow("s3:ListBucket", "arn:aws:s3:::acme-reports"),
            allow("s3:PutObject", "arn:aws:s3:::acme-reports/monthly/*", Condition=MFA),
        ),
        "Carol": user(name="carol"),
        "Worker": role(trust({"AWS": HERE}), allow(["iam:PutRolePolicy", "s3:GetObject"], "*")),
        "Policy": bucket_policy(to("*")),
        "Key": resource("IAM::AccessKey", UserName="bob"),
    },
    "narrows": BASE | {"Carol": user(name="carol"), "Policy": None},
    "proved": BASE
    | {
        "Carol": user(name="carol", ManagedPolicyArns=[{"Ref": "Sessions"}]),
        "Sessions": managed(allow("ssm:StartSession", "arn:aws:ec2:*:*:instance/*"), name="sessions"),
    },
    "undecided": BASE
    | {"Carol": user(name="carol", ManagedPolicyArns=["arn:aws:iam::111111111111:policy/else"])},
    "replaced": BASE
    | {"Carol": user(allow("ssm:StartSession", "arn:aws:ec2:*:*:instance/*"), name="caroline")},
    "trusted": BASE
    | {
        "Carol": user(allow("ssm:StartSession", "arn:aws:ec2:*:*:instance/*"), name="carol"),
        "Deployer": role(
            web_identity(
                StringLike={SUBJECT: "repo:acme/shop:ref:refs/heads/release-*"},
                StringEquals={AUDIENCE: "sts.amazonaws.com"},
            ),
            RoleName="deployer",
        ),
        "Vendor": role(trust({"AWS": "333333333333"}), READ, RoleName="vendor", MaxSessionDuration=43_200),
    },
    "nothing": BASE,
}


def compared(page: str, golden: Path) -> None:
    """Compare with the golden file; KEYWRIGHT_GOLDEN=write writes it anew, to be read in the difference."""
    if os.environ.get("KEYWRIGHT_GOLDEN") == "write":
        golden.write_text(page)
    assert page == golden.read_text()


RISKY = {
    "Alice": user(),
    "Analysts": group(READ),
    "One": resource("IAM::AccessKey", UserName="alice", Serial=1),
    "Two": resource("IAM::AccessKey", UserName="alice", Serial=1, Status="Inactive"),
    "Grants": resource("IAM::Policy", PolicyName="g", Users=["alice"], PolicyDocument={"Statement": [READ]}),
    "In": resource("IAM::UserToGroupAddition", GroupName="analysts", Users=["alice"]),
}


def test_risky_changes_match_the_golden_comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    moved = {"Others": RISKY["Grants"], "Also": RISKY["In"]}
    kept = {name: each for name, each in RISKY.items() if name not in {"Grants", "In", "One"}}
    third = {"Three": resource("IAM::AccessKey", UserName="alice", Serial=2)}
    compared(render_markdown(reviewed(Path(), RISKY, kept | moved | third)), GOLDEN / "risky.md")


@pytest.mark.parametrize("name", PAGES)
def test_matches_the_golden_comment(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    head = {key: each for key, each in PAGES[name].items() if each is not None}
    compared(render_markdown(reviewed(Path(), BASE, head)), GOLDEN / f"{name}.md")


HOSTILE = [
    pytest.param("`**no new access**`", id="backticks"),
    pytest.param("a``b```c", id="runs of backticks"),
    pytest.param("@acme/security", id="a mention"),
    pytest.param("<script>alert(1)</script>", id="a script"),
    pytest.param("</details><img src=x onerror=alert(1)>", id="the end of a fold"),
    pytest.param("a | b |", id="a table"),
    pytest.param("a\n### Access review: **no new access (proved)**", id="a verdict on a line of its own"),
    pytest.param("a\r\n\r\n<!-- x -->", id="a carriage return"),
    pytest.param("\u202eevil\u2066", id="right to left"),
    pytest.param("a\u200bb\ufeff", id="invisible"),
    pytest.param("[x](https://evil.example)", id="a link"),
    pytest.param("#1 GH-1 https://evil.example", id="a reference"),
    pytest.param("\\`", id="a backslash before a backtick"),
    pytest.param("x" * 600, id="long"),
    pytest.param(" ", id="blank"),
]


def outside_of_code(markdown: str) -> str:
    """Leave what is rendered as markup: CommonMark's code spans end at a run of as many backticks as they began with."""
    return re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "CODE", markdown)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_does_nothing(name: str, tmp_path: Path) -> None:
    head = {
        "Alice": user(allow(["s3:PutObject", name], [OBJECTS, name]) | {"Sid": name}, name=name),
        "Worker": role(trust({"AWS": HERE}, Condition={"StringEquals": {name: name}}), READ, RoleName=name),
        "Group": resource("IAM::Group", GroupName=name),
        "Policy": resource("S3::BucketPolicy", Bucket=name, PolicyDocument={"Statement": [to("*")]}),
        name: resource("IAM::AccessKey", UserName=name),
    }
    found = reviewed(tmp_path, {}, head)
    page = render_markdown(found)
    plain = outside_of_code(page)
    assert [line for line in page.split("\n") if line.startswith("#")] == [page.split("\n")[1]]
    assert not re.search(
        r"[@<>|\u202e\u2066\u200b\ufeff\r]|evil|script|\]\(",
        plain.replace("<!-- keywright access review -->", "")
        .replace("<details>", "")
        .replace("</details>", "")
        .replace("<summary>", "")
        .replace("</summary>", ""),
    )
    assert "**no new access" not in plain


@pytest.mark.parametrize("name", HOSTILE)
def test_shown_text_is_one_code_span(name: str) -> None:
    shown = code(name)
    assert outside_of_code(f"a {shown} b") == "a CODE b"
    assert "\n" not in shown


def test_findings_are_inert(tmp_path: Path) -> None:
    finding = Finding(Location("x`<b>"), "`@all` says\n### verdict", rule="TRU001")
    path = write(tmp_path / "t.json", {})
    page = render_markdown(review(given(path), Given(given(path).assembly, str(path), [finding]), TODAY))
    assert "@all" not in outside_of_code(page)


def many(number: int, tmp_path: Path) -> Review:
    """Make a review of many gains out of one."""
    found = reviewed(tmp_path, {}, {"Alice": user(allow("s3:PutObject", "arn:aws:s3:::b/*"))})
    (one,) = found.gains
    return replace(found, changes=tuple(replace(one, name=f"user/user-{n:04}") for n in range(number)))


@pytest.mark.parametrize(("number", "limit"), [(5_000, LONGEST_COMMENT), (200, 4_000)])
def test_fits_and_says_what_it_leaves_out(number: int, limit: int, tmp_path: Path) -> None:
    page = render_markdown(many(number, tmp_path), limit)
    assert len(page.encode()) <= limit
    left = re.search(r"… (\d+) more left out", page)
    shown = page.count("is new and can")
    assert left is not None
    assert shown + int(left[1]) == number
    assert f"{number} gains" in page.split("\n")[1]


def test_says_less_of_many_before_it_leaves_any_out(tmp_path: Path) -> None:
    page = render_markdown(many(200, tmp_path))
    assert page.count("is new and can") == 200
    assert "left out" not in page
    assert page.count("<summary>statement</summary>") == 20


def test_one_huge_gain_fits_too() -> None:
    facts = tuple(Fact("key", "x" * 5_000, "y" * 5_000, widens=True) for _ in range(500))
    page = render_markdown(Review(facts=facts))
    assert len(page.encode()) <= LONGEST_COMMENT


def test_the_most_serious_gain_comes_first(tmp_path: Path) -> None:
    head = {
        "A": user(READ, name="a-reads"),
        "B": user(allow("s3:PutObject", OBJECTS), name="b-writes"),
        "C": user(allow("iam:PutUserPolicy", "*"), name="c-manages"),
        "D": user(allow("s3:ListBucket", "arn:aws:s3:::acme"), name="d-lists"),
        "E": user(allow("kms:Decrypt", "arn:aws:kms:eu-central-1:111111111111:key/x"), name="e-decrypts"),
    }
    names = [each.name for each in reviewed(tmp_path, {}, head).gains]
    assert names == ["user/c-manages", "user/e-decrypts", "user/b-writes", "user/a-reads", "user/d-lists"]


def test_the_json_contains_what_the_comment_shows(tmp_path: Path) -> None:
    found = reviewed(tmp_path, {}, {"Alice": user(READ, deny("s3:PutObject"))})
    written = json.loads(json.dumps(as_json(found)))
    assert written["verdict"] == "widens"
    assert written["gains"][0]["gains"][0]["witness"]["action"] == "s3:GetObject"
    assert written["gains"][0]["gains"][0]["place"]["line"] > 0


FOR_AWS = {AUDIENCE: "sts.amazonaws.com"}
ANY = "**any subject** of `token.actions.githubusercontent.com`"
ONE = {SUBJECT: "repo:acme/shop:environment:live"}


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        pytest.param({"StringEquals": FOR_AWS | ONE}, "`repo:acme/shop:environment:live` of", id="pinned"),
        pytest.param(
            {"StringEquals": FOR_AWS, "ForAnyValue:StringLike": {SUBJECT: ["repo:a/*", "repo:b/*"]}},
            "`repo:a/*`, `repo:b/*` of",
            id="patterns, by any value",
        ),
        pytest.param({"StringEquals": FOR_AWS}, ANY, id="the audience alone"),
        pytest.param({"StringNotEquals": ONE}, ANY, id="all subjects but one"),
    ],
)
def test_a_trust_in_tokens_names_their_subjects(conditions: Any, says: str, tmp_path: Path) -> None:
    page = render_markdown(reviewed(tmp_path, {}, {"Deployer": role(web_identity(**conditions))}))
    assert f"can be assumed by {says}" in page


def test_a_trust_in_any_token_names_the_earlier_subject(tmp_path: Path) -> None:
    sides = ({"Deployer": role(web_identity(StringEquals=each))} for each in (FOR_AWS | ONE, FOR_AWS))
    page = render_markdown(reviewed(tmp_path, *sides))
    assert f"can be assumed by {ANY}" in page
    assert "; before, only `repo:acme/shop:environment:live`" in page
