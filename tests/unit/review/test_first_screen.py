"""The first screen: a line for each name, everything that is gained or lost is counted, and folding loses nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from keywright.reporting.finding import Finding, Location
from keywright.review.report.as_json import as_json
from keywright.review.report.markdown import heading, render_markdown, render_text
from keywright.review.report.self_service import SELF_SERVICE
from keywright.review.report.summary import MOST_LINES, Rank, cut_summary, summary_lines
from keywright.review.report.wording import code, prose
from keywright.review.result import Approval, EscalationPath, Fact, Note, Review
from keywright.statements.self_service import command_line_statement, self_service_statements
from tests.unit.review.templates import (
    MFA,
    OBJECTS,
    allow,
    bucket_policy,
    document,
    inline,
    managed,
    resource,
    reviewed,
    role,
    to,
    trust,
    user,
)
from tests.unit.review.test_every_gain_is_found import PAIRS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READ = allow("s3:GetObject", OBJECTS)
BOTH_WAYS = {
    f"{name}{way}": pair[::step] for name, pair in PAIRS.items() for way, step in (("", 1), (", back", -1))
}


def visible(page: str) -> str:
    """Leave what a reader sees before unfolding anything."""
    while (left := re.sub(r"<details>(?:(?!<details>).)*?</details>\n*", "", page, flags=re.DOTALL)) != page:
        page = left
    return page


def first_lines(page: str) -> list[str]:
    """Give the heading and the lines of names, without the first line, which is invisible."""
    return page.partition("\n\n**")[0].partition("<details>")[0].split("\n")[1:]


@pytest.mark.parametrize("pair", BOTH_WAYS.values(), ids=BOTH_WAYS)
def test_every_gain_and_loss_is_counted_and_has_its_line(pair: Any, tmp_path: Path) -> None:
    found = reviewed(tmp_path, *pair)
    lines = {each.name: each for each in summary_lines(found)}
    facts = [each for each in found.facts if each.widens or each.narrows or each.undecided]
    by_account = {each.name for each in found.gains if all(step.account for step in each.gains)}
    names = {each.name for each in (*found.gains, *found.losses, *facts)}
    assert names <= lines.keys() | by_account
    gained = {each.name for each in (*found.gains, *(fact for fact in facts if fact.widens))} - by_account
    assert all(lines[name].rank <= Rank.GAINS for name in gained)
    assert f"{found.widening} gain" in heading(found) or not found.changes + found.facts
    assert all(f"`{name}`" in visible(render_markdown(found)) for name in list(names)[:MOST_LINES])


def told(found: Review) -> Iterator[str]:
    """Yield what the Markdown has to contain, from the JSON that a program gets."""
    written = as_json(found)
    for key in ("gains", "losses"):
        for change in written[key]:
            for step in change[key]:
                yield (
                    code(json.dumps(step["statement"], ensure_ascii=False), 1_500)
                    if step["statement"]
                    else ""
                )
                yield step["because"]
    for each in (*written["facts"], *written["replaced"]):
        yield code(each["name"])
        yield prose(each["says"])
    for each in written["may_lose"]:
        yield code(each["name"])
    yield from (each["to"] for each in written["escalations"])


@pytest.mark.parametrize("pair", BOTH_WAYS.values(), ids=BOTH_WAYS)
def test_folding_loses_nothing(pair: Any, tmp_path: Path) -> None:
    found = reviewed(tmp_path, *pair)
    page = render_markdown(found)
    assert [each for each in told(found) if each not in page] == []


def test_what_a_person_decides_is_never_folded() -> None:
    finding = Finding(Location("t.json"), "opens", rule="TRU001")
    found = Review(
        facts=(Fact("key", "user/alice", "gets a key", widens=True),),
        approvals=(Approval("acme/security", (("trust", ("role/worker",)),)),),
        undecided=("a template cannot be read",),
        paths=(EscalationPath("user/alice", ("iam:PutUserPolicy",), "administrator", ""),),
        findings_new=(finding,),
        notes=(Note("invariant", "never", "is no longer declared", weakens=True),),
        unused=("user/bob",),
    )
    for page in (visible(render_markdown(found)), render_text(found)):
        for says in ("acme/security", "cannot be read", "administrator", "TRU001", "no longer declared"):
            assert says in page
        assert "1 undecided" in page
        assert "user/bob" in page


def many(number: int, tmp_path: Path) -> Review:
    gains = reviewed(tmp_path, {}, {"Alice": user(READ)})
    loses = reviewed(tmp_path, {"Alice": user(READ)}, {"Alice": user()})
    (gain,), (loss,) = gains.gains, loses.losses
    renamed = [
        *(replace(loss, name=f"user/loses-{each:03}") for each in range(number)),
        *(replace(gain, name=f"user/gains-{each:03}") for each in range(number)),
    ]
    worst = Fact("session", "role/worker", "can have sessions of up to 12 hours", widens=True)
    path = EscalationPath("role/worker", ("iam:PutUserPolicy",), "administrator", "")
    return Review(changes=tuple(renamed), facts=(worst,), paths=(path,), names=gains.names)


def test_many_names_are_cut_with_a_count_and_the_worst_come_first(tmp_path: Path) -> None:
    found = many(30, tmp_path)
    page = render_markdown(found)
    lines = first_lines(page)
    assert len(lines) <= 15
    shown = [line for line in lines if line.startswith("- ")]
    assert len(shown) == MOST_LINES + 1
    assert shown[0].startswith("- `role/worker` **can escalate**")
    assert all(line.startswith("- `user/gains-") for line in shown[1:-1])
    assert shown[-1] == "- … and 49 others: 19 gain access, 30 lose access"
    assert "31 gains" in page
    assert all(f"`user/{kind}-{at:03}`" in page for kind in ("gains", "loses") for at in range(30))


def test_as_many_as_fit_are_not_cut(tmp_path: Path) -> None:
    lines = summary_lines(many(30, tmp_path))
    assert cut_summary(lines[:MOST_LINES]) == [each.text for each in lines[:MOST_LINES]]


# What everybody gets

SERVICE = [each.to_json() for each in self_service_statements("aws", "000000000000", "/")]
LOGIN = command_line_statement(partition="aws", account="000000000000").to_json()


def narrower(statement: dict[str, Any], **elements: Any) -> dict[str, Any]:
    return {**statement, **elements}


@pytest.mark.parametrize(
    ("statements", "is_own"),
    [
        pytest.param(SERVICE, True, id="as it is"),
        pytest.param([narrower(each, Sid="Other") for each in SERVICE], True, id="with other names"),
        pytest.param(SERVICE[1:], False, id="one statement less"),
        pytest.param(
            [narrower(SERVICE[0], Resource="arn:aws:iam::000000000000:user/*"), *SERVICE[1:]],
            False,
            id="for every user",
        ),
        pytest.param(
            [
                narrower(SERVICE[0], Resource="arn:aws:iam::111111111111:user/${aws:username}"),
                *SERVICE[1:],
            ],
            False,
            id="of another account",
        ),
        pytest.param(
            [narrower(SERVICE[0], Action=[*SERVICE[0]["Action"], "iam:CreateAccessKey"]), *SERVICE[1:]],
            False,
            id="one action more",
        ),
        pytest.param(
            [SERVICE[0], {key: each for key, each in SERVICE[1].items() if key != "Condition"}, *SERVICE[2:]],
            False,
            id="one condition less",
        ),
        pytest.param(
            [
                SERVICE[0],
                narrower(SERVICE[1], Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
                *SERVICE[2:],
            ],
            False,
            id="another condition",
        ),
    ],
)
def test_self_service_is_one_phrase_if_it_is_exactly_that(
    statements: Any, is_own: bool, tmp_path: Path
) -> None:
    found = reviewed(tmp_path, {}, {"Alice": user(READ, *statements)})
    (line,) = summary_lines(found)
    assert (SELF_SERVICE in line.text) is is_own
    details = render_markdown(found).partition("<details>")[2]
    assert (f"can use {SELF_SERVICE}" in details) is is_own
    assert ("can **write** `arn:aws:iam::000000000000:mfa/" in details) is not is_own


def test_self_service_of_another_path_is_written_in_full(tmp_path: Path) -> None:
    found = reviewed(tmp_path, {}, {"Alice": user(*SERVICE, Path="/staff/")})
    assert SELF_SERVICE not in render_markdown(found)


def test_a_change_of_the_self_service_is_told(tmp_path: Path) -> None:
    group = {"Guard": resource("IAM::Group", GroupName="guard")}
    alice = {"Alice": user(READ, Groups=[{"Ref": "Guard"}])}
    more = [narrower(SERVICE[0], Action=[*SERVICE[0]["Action"], "iam:CreateAccessKey"]), *SERVICE[1:]]
    was, now = (
        {**group, **alice, "Own": managed(*each, name="own", Groups=[{"Ref": "Guard"}])}
        for each in (SERVICE, more)
    )
    page = visible(render_markdown(reviewed(tmp_path, was, now)))
    assert "iam:CreateAccessKey" in page
    assert SELF_SERVICE not in page


def test_the_command_line_is_named_as_such(tmp_path: Path) -> None:
    (line,) = summary_lines(reviewed(tmp_path, {}, {"Alice": user(LOGIN)}))
    assert "sign in to the AWS CLI with `aws login`" in line.text
    (line,) = summary_lines(reviewed(tmp_path, {}, {"Alice": user(narrower(LOGIN, Resource="*"))}))
    assert "aws login" not in line.text


# Each change in one line


def line_of(name: str, found: Review) -> str:
    (line,) = [each.text for each in summary_lines(found) if each.name == name]
    return line


BOB = user(name="bob")


@pytest.mark.parametrize(
    ("base", "head", "name", "says"),
    [
        pytest.param(
            {"Alice": user(), "Key": resource("IAM::AccessKey", UserName="alice", Serial=1)},
            {
                "Alice": user(),
                "Key": resource("IAM::AccessKey", UserName="alice", Serial=1, Status="Inactive"),
            },
            "user/alice",
            "- `user/alice` has access key 1 deactivated",
            id="a key is deactivated",
        ),
        pytest.param(
            {"Alice": user(READ), "Bob": BOB},
            {"Bob": BOB},
            "user/alice",
            "- `user/alice` **is deleted**: its access, sign-in and keys end",
            id="a leaver",
        ),
        pytest.param(
            {"Alice": user(READ | {"Resource": "arn:aws:s3:::acme/a/*"})},
            {"Alice": user(READ | {"Resource": "arn:aws:s3:::acme/b/*"})},
            "user/alice",
            "- `user/alice` **gains** read `arn:aws:s3:::acme/b/*` (`s3:GetObject`); "
            "**loses** read `arn:aws:s3:::acme/a/*` (`s3:GetObject`)",
            id="another prefix",
        ),
        pytest.param(
            {"Worker": role(trust({"Service": "ec2.amazonaws.com"}), READ)},
            {"Worker": role(trust({"Service": "ec2.amazonaws.com"}), allow("s3:PutObject", OBJECTS))},
            "role/worker",
            "- `role/worker` **gains** write `arn:aws:s3:::acme-reports/*` (`s3:PutObject`); "
            "**loses** read `arn:aws:s3:::acme-reports/*` (`s3:GetObject`)",
            id="another action",
        ),
        pytest.param(
            {"Policy": bucket_policy(to({"AWS": "222222222222"}))},
            {
                "Policy": resource(
                    "S3::BucketPolicy",
                    Bucket="acme-reports",
                    PolicyDocument=document(
                        to({"AWS": "222222222222"}),
                        to({"AWS": "333333333333"}, "s3:PutObject"),
                        to({"AWS": "444444444444"}, Condition=MFA),
                    ),
                )
            },
            "s3 bucket acme-reports",
            "- `s3 bucket acme-reports` can be accessed by `arn:aws:iam::333333333333:role/example`, "
            "`arn:aws:iam::444444444444:role/example` (2 statements)",
            id="several statements of a resource",
        ),
        pytest.param(
            {"Policy": bucket_policy(to({"AWS": "222222222222"}))},
            {
                "Policy": bucket_policy(
                    to({"AWS": "222222222222"}),
                    to(
                        "*",
                        Condition={
                            "StringEquals": {"aws:SourceVpce": [f"vpce-{each:017}" for each in range(40)]}
                        },
                    ),
                )
            },
            "s3 bucket acme-reports",
            "- `s3 bucket acme-reports` can be accessed by **anyone** (1 statement)",
            id="a statement with a long condition",
        ),
    ],
)
def test_says_in_one_line(base: Any, head: Any, name: str, says: str, tmp_path: Path) -> None:
    assert line_of(name, reviewed(tmp_path, base, head)) == says


def test_a_user_with_another_path_is_not_only_deleted(tmp_path: Path) -> None:
    """The name is the same, and the new user can do something else."""
    base, head = {"Alice": user(READ)}, {"Other": user(allow("s3:PutObject", OBJECTS), Path="/staff/")}
    line = line_of("user/alice", reviewed(tmp_path, base, head))
    assert line.startswith("- `user/alice` **is deleted and created again**; ")
    assert "**gains** write" in line
    assert "**loses** read" in line


def test_a_leaver_is_told_once_in_the_details(tmp_path: Path) -> None:
    base = {"Alice": user(READ, allow("s3:PutObject", OBJECTS)), "Bob": BOB}
    details = render_markdown(reviewed(tmp_path, base, {"Bob": BOB})).partition("<details>")[2]
    assert [line for line in details.split("\n") if line.startswith("- `user/alice`")] == [
        line for line in details.split("\n") if line.startswith("- `user/alice` is deleted; ")
    ]
    assert details.count("<summary>Deleted users (1)</summary>") == 1
    assert "<summary>Losses" not in details
    assert "<summary>Replaced" not in details


def test_what_holds_in_a_certain_account_is_one_note(tmp_path: Path) -> None:
    """Nobody is called another account where the account is assumed to be that one."""
    was, now = (
        {"P": bucket_policy(to({"AWS": f"arn:aws:iam::999999999999:{each}"}))} for each in ("root", "role/w")
    )
    found = reviewed(tmp_path, was, now)
    page = render_markdown(found)
    notes = [line for line in visible(page).split("\n") if line.startswith("- if ")]
    bucket = "`s3 bucket acme-reports` can be accessed by `arn:aws:iam::999999999999:role/w`: `s3:GetObject`"
    assert notes == [f"- if this is deployed in the account `999999999999`: {bucket}"]
    assert "another account" not in page


LISTS = allow("s3:ListBucket", "arn:aws:s3:::acme", Condition={"StringLike": {"s3:prefix": "plans/*"}})


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        pytest.param(
            [LISTS, allow("s3:GetObject", "arn:aws:s3:::acme/plans/*")],
            "read and list `arn:aws:s3:::acme/plans/*` (`s3:GetObject`, `s3:ListBucket`)",
            id="a listing of the same prefix",
        ),
        pytest.param(
            [allow("s3:ListBucket", "arn:aws:s3:::acme")],
            "list `arn:aws:s3:::acme/*` (`s3:ListBucket`)",
            id="a listing of everything",
        ),
        pytest.param(
            [{key: each for key, each in LISTS.items() if key != "Action"} | {"NotAction": "s3:Put*"}],
            ", `if the listed prefix is like plans/*`",
            id="all but one action with the condition",
        ),
        pytest.param(
            [LISTS | {"Action": ["s3:ListBucket", "s3:DeleteBucket"]}],
            "write and list `arn:aws:s3:::acme` (`s3:DeleteBucket`, `s3:ListBucket`), `if the listed prefix is like plans/*`",
            id="a listing and something else",
        ),
        pytest.param(
            [LISTS | {"Condition": LISTS["Condition"] | MFA}],
            "list `arn:aws:s3:::acme` (`s3:ListBucket`), `if the listed prefix is like plans/* and with MFA`",
            id="a listing with another condition",
        ),
    ],
)
def test_a_listing_is_written_by_its_prefix_if_nothing_else_limits_it(
    statements: Any, says: str, tmp_path: Path
) -> None:
    assert says in line_of("user/alice", reviewed(tmp_path, {}, {"Alice": user(*statements)}))


def test_the_most_powerful_comes_before_the_groups_of_the_others(tmp_path: Path) -> None:
    reads = [allow("s3:GetObject", f"arn:aws:s3:::{name}/*") for name in "abcd"]
    readers = resource("IAM::Group", GroupName="a-readers", Policies=inline(*reads))
    managers = resource(
        "IAM::Group", GroupName="z-managers", Policies=inline(allow("iam:PutUserPolicy", "*"))
    )
    head = {
        "Readers": readers,
        "Managers": managers,
        "Alice": user(Groups=[{"Ref": "Readers"}, {"Ref": "Managers"}]),
    }
    base = {"Readers": readers, "Managers": managers, "Alice": user()}
    line = line_of("user/alice", reviewed(tmp_path, base, head))
    assert (
        "; **gains** manage permissions and write `*` (`iam:PutUserPolicy`) through `group/z-managers`, read "
        in line
    )
    assert line.endswith(" through `group/a-readers` and 2 more")


def test_a_condition_that_goes_is_told(tmp_path: Path) -> None:
    found = reviewed(tmp_path, {"Alice": user(READ | {"Condition": MFA})}, {"Alice": user(READ)})
    assert line_of("user/alice", found).endswith("(`s3:GetObject`), before only with MFA")


def test_text_keeps_stars_in_names(tmp_path: Path) -> None:
    found = reviewed(tmp_path, {}, {"Alice": user(allow("s3:GetObject", "arn:aws:s3:::acme/**/a**"))})
    text = render_text(found)
    assert "`arn:aws:s3:::acme/**/a**`" in text
    assert "- `user/alice` is new; gains read" in text
