"""Expected gains cover exactly what they state."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.report.expected import read_expected, with_expected
from tests.unit.review.templates import MFA, OBJECTS, TODAY, allow, deny, managed, resource, reviewed, user

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.review.result import Review

READ, WRITE = allow("s3:GetObject", OBJECTS), allow("s3:PutObject", OBJECTS)
MEANT = f"""
- on: user/alice
  statement: {{Effect: Allow, Action: "s3:PutObject", Resource: "{OBJECTS}"}}
  because: alice uploads the reports from now on
"""


def expecting(text: str, review: Review, today: date = TODAY) -> Review:
    expected, findings = read_expected(text, "expected.yaml")
    assert findings == []
    return with_expected(review, expected, today)


def alice(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"Alice": user(*statements, **properties)}


def test_an_expected_gain_passes_and_is_still_shown(tmp_path: Path) -> None:
    found = expecting(MEANT, reviewed(tmp_path, alice(READ), alice(READ, WRITE)))
    assert (found.widening, found.unexpected, found.exit_code, found.unused) == (1, 0, 0, ())
    assert found.gains[0].expected == "alice uploads the reports from now on"


BESIDE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another statement": (alice(READ), alice(READ, WRITE, allow("sqs:*"))),
    "a wider resource": (alice(READ), alice(READ, allow("s3:PutObject", "*"))),
    "a condition fewer": (
        alice(READ | {"Condition": MFA}),
        alice(READ, WRITE),
    ),
    "somebody else": (alice(), alice() | {"Bob": user(WRITE, name="bob")}),
    "a denial that goes": (alice(allow("s3:*"), deny("s3:Get*")), alice(allow("s3:*"), WRITE)),
    "a boundary that goes": (
        alice(READ, allow("iam:*"), PermissionsBoundary={"Ref": "Edge"})
        | {"Edge": managed(READ, name="edge")},
        alice(READ, allow("iam:*"), WRITE) | {"Edge": managed(READ, name="edge")},
    ),
    "what can't be told": (
        alice(READ),
        alice(READ, WRITE, ManagedPolicyArns=["arn:aws:iam::111111111111:policy/unknown"]),
    ),
    "a key": (alice(READ), alice(READ, WRITE) | {"Key": resource("IAM::AccessKey", UserName="alice")}),
}


@pytest.mark.parametrize("pair", BESIDE.values(), ids=BESIDE)
def test_a_gain_beside_an_expected_one_still_counts(
    pair: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    assert expecting(MEANT, reviewed(tmp_path, *pair)).exit_code in {1, 3}


def test_statements_beyond_those_shown_still_count(tmp_path: Path) -> None:
    many = [allow("s3:PutObject", f"arn:aws:s3:::b{n}/*") for n in range(40)]
    text = "".join(
        f'- {{on: user/alice, because: b, statement: {{Effect: Allow, Action: "s3:PutObject", Resource: "{each["Resource"]}"}}}}\n'
        for each in many[:24]
    )
    assert expecting(text, reviewed(tmp_path, alice(READ), alice(READ, *many))).exit_code == 1


def test_after_its_last_day_it_covers_nothing(tmp_path: Path) -> None:
    text = f"{MEANT}  until: 2026-12-31\n"
    found = reviewed(tmp_path, alice(READ), alice(READ, WRITE))
    assert expecting(text, found, date(2026, 12, 31)).exit_code == 0
    assert expecting(text, found, date(2027, 1, 1)).exit_code == 1


def test_reports_an_expected_gain_that_covers_nothing(tmp_path: Path) -> None:
    found = expecting(MEANT, reviewed(tmp_path, alice(READ), alice(READ)))
    assert found.unused == ("expected.yaml:2:3: user/alice: alice uploads the reports from now on",)


def test_a_key_can_be_expected(tmp_path: Path) -> None:
    key = {"Key": resource("IAM::AccessKey", UserName="alice")}
    text = "- {on: user/alice, about: key, because: the scanner can't assume a role}"
    assert expecting(text, reviewed(tmp_path, alice(READ), alice(READ) | key)).exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "a: b", "e:1:1: the file is not a list; accepted: a list of expected gains", id="no list"
        ),
        pytest.param(
            "- x",
            "e:1:3: the expected gain is not a mapping; accepted: `on`, `statement`, `about`, `because`, `until`",
            id="no mapping",
        ),
        pytest.param(
            "- {on: a, about: key}",
            "e:1:3: the expected gain has no `because`; accepted: a string",
            id="no reason",
        ),
        pytest.param(
            "- {on: a, because: b}",
            "e:1:3: the expected gain does not say what is expected; accepted: one of `statement`, as the review shows it, and `about`, such as `key`",
            id="nothing expected",
        ),
        pytest.param(
            "- {on: a, because: b, about: key, until: soon}",
            "e:1:3: `until` of the expected gain is not a date; accepted: a date, such as `2027-01-31`",
            id="no day",
        ),
    ],
)
def test_refuses_with_the_place(text: str, said: str) -> None:
    assert [str(each) for each in read_expected(text, "e")[1]] == [said]
