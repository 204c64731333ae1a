"""Conditions, parameters and mappings: each combination of outcomes is compared separately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.report.markdown import render_markdown
from keywright.review.result import Verdict
from tests.unit.review.templates import OBJECTS, allow, managed, resource, reviewed, user

if TYPE_CHECKING:
    from pathlib import Path

READ, WRITE = allow("s3:GetObject", OBJECTS), allow("s3:PutObject", OBJECTS)
STAGE = {"Ref": "Stage"}
LIVE = {"Fn::Equals": [STAGE, "live"]}


def sections(default: str = "test", **conditions: Any) -> dict[str, Any]:
    return {
        "Parameters": {"Stage": {"Type": "String", "Default": default}},
        "Conditions": conditions or {"Live": LIVE},
    }


def alice(*statements: Any, **properties: Any) -> dict[str, Any]:
    return {"Alice": user(*statements, **properties)}


def either(one: Any, other: Any = None) -> dict[str, Any]:
    return {"Fn::If": ["Live", one, other or {"Ref": "AWS::NoValue"}]}


EXTRA = {"Extra": managed(allow("sqs:*"), Users=["alice"])}
ONLY_LIVE = {"Extra": EXTRA["Extra"] | {"Condition": "Live"}}
CHOSEN = alice(either(READ, WRITE))
LOGIN = {"Password": "{{resolve:secretsmanager:p}}"}
MAPPED = {"Fn::Sub": ["arn:aws:s3:::${b}/*", {"b": {"Fn::FindInMap": ["Buckets", STAGE, "name"]}}]}


def mapped(name: str) -> dict[str, Any]:
    return sections() | {"Mappings": {"Buckets": {"test": {"name": name}, "live": {"name": "live"}}}}


WIDENING: dict[str, tuple[Any, Any, Any, Any]] = {
    "a branch allows more": (
        alice(either(READ, WRITE)),
        alice(either(READ, allow("s3:*", OBJECTS))),
        sections(),
        sections(),
    ),
    "the branches change places": (CHOSEN, alice(either(WRITE, READ)), sections(), sections()),
    "the condition is turned over": (CHOSEN, CHOSEN, sections(), sections(Live={"Fn::Not": [LIVE]})),
    "the condition asks for another value": (
        CHOSEN,
        CHOSEN,
        sections(),
        sections(Live={"Fn::Equals": [STAGE, "test"]}),
    ),
    "a resource loses its condition": (alice(READ) | ONLY_LIVE, alice(READ) | EXTRA, sections(), sections()),
    "a resource is made under a condition": (alice(READ), alice(READ) | ONLY_LIVE, sections(), sections()),
    "a default turns a condition": (
        alice(READ) | ONLY_LIVE,
        alice(READ) | ONLY_LIVE,
        sections(),
        sections("live"),
    ),
    "a login comes in the other case": (
        alice(READ, LoginProfile=either(LOGIN)),
        alice(READ, LoginProfile={"Fn::If": ["Live", {"Ref": "AWS::NoValue"}, LOGIN]}),
        sections(),
        sections(),
    ),
    "a mapping leads elsewhere": (
        alice(allow("s3:GetObject", MAPPED)),
        alice(allow("s3:GetObject", MAPPED)),
        mapped("test"),
        mapped("*"),
    ),
    "a default is wider": (
        alice(allow("s3:GetObject", {"Fn::Sub": "arn:aws:s3:::${Stage}/*"})),
        alice(allow("s3:GetObject", {"Fn::Sub": "arn:aws:s3:::${Stage}/*"})),
        sections("test"),
        sections("*"),
    ),
}


@pytest.mark.parametrize("pair", WIDENING.values(), ids=WIDENING)
def test_a_widening_in_one_case_is_shown(pair: tuple[Any, Any, Any, Any], tmp_path: Path) -> None:
    base, head, before, after = pair
    found = reviewed(tmp_path, base, head, before=before, after=after)
    assert (found.verdict, found.exit_code) == (Verdict.WIDENS, 1)


SAME: dict[str, tuple[Any, Any, Any, Any]] = {
    "the condition by another name": (
        CHOSEN,
        alice({"Fn::If": ["IsLive", READ, WRITE]}),
        sections(),
        sections(IsLive=LIVE),
    ),
    "the condition turned over, and the branches": (
        CHOSEN,
        alice(either(WRITE, READ)),
        sections(),
        sections(Live={"Fn::Not": [LIVE]}),
    ),
    "a branch written otherwise": (
        CHOSEN,
        alice(either(allow(["S3:getobject"], [OBJECTS]), WRITE)),
        sections(),
        sections(),
    ),
    "the condition goes down to the action": (
        CHOSEN,
        alice(allow(either("s3:GetObject", "s3:PutObject"), OBJECTS)),
        sections(),
        sections(),
    ),
    "a condition that nothing asks for": (CHOSEN, CHOSEN, sections(), sections(Live=LIVE, Else=LIVE)),
    "a branch becomes a resource of its own": (
        alice(READ, either(allow("sqs:*"))),
        alice(READ) | ONLY_LIVE,
        sections(),
        sections(),
    ),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
@pytest.mark.parametrize("way", [1, -1], ids=["forth", "back"])
def test_the_same_in_every_case_is_proved(pair: tuple[Any, Any, Any, Any], way: int, tmp_path: Path) -> None:
    (base, head), (before, after) = pair[:2][::way], pair[2:][::way]
    found = reviewed(tmp_path, base, head, before=before, after=after)
    assert found.verdict in {Verdict.NO_NEW_ACCESS, Verdict.NOTHING}


def test_says_in_which_case(tmp_path: Path) -> None:
    page = render_markdown(
        reviewed(tmp_path, alice(READ), alice(READ, either(WRITE)), before=sections(), after=sections())
    )
    assert "only where `Stage` is `live`" in page


def test_too_many_conditions_stay_undecided(tmp_path: Path) -> None:
    names = [f"P{n}" for n in range(9)]
    given = {
        "Parameters": {each: {"Type": "String"} for each in names},
        "Conditions": {f"C{each}": {"Fn::Equals": [{"Ref": each}, "yes"]} for each in names},
    }
    base = alice(*({"Fn::If": [f"C{each}", READ, WRITE]} for each in names))
    head = alice(*({"Fn::If": [f"C{each}", WRITE, READ]} for each in names))
    assert reviewed(tmp_path, base, head, before=given).verdict is Verdict.UNDECIDED


def test_two_values_are_not_one_parameter_s_at_once(tmp_path: Path) -> None:
    given = sections(Live=LIVE, Test={"Fn::Equals": [STAGE, "test"]})
    both = {"Fn::If": ["Live", {"Fn::If": ["Test", WRITE, READ]}, READ]}
    found = reviewed(tmp_path, alice(READ), alice(both), before=given)
    assert found.verdict is Verdict.NO_NEW_ACCESS


def test_an_unused_resource_is_no_new_access(tmp_path: Path) -> None:
    head = alice(READ) | {"Topic": resource("SNS::Topic") | {"Condition": "Live"}}
    found = reviewed(tmp_path, alice(READ), head, before=sections())
    assert found.exit_code == 0
