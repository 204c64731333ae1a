from __future__ import annotations

from datetime import date

import pytest

from keywright.model.account.settings import Account
from keywright.model.checks import references
from keywright.model.declarations import Declarations
from keywright.model.draft import draft_of
from keywright.model.exceptions import FindingException
from keywright.model.fields.nearest import nearest
from keywright.model.people.groups import Group

ACCOUNT = Account(id="111111111111", region="eu-central-1")
END = date(2027, 1, 1)


def messages(reference):
    exception = FindingException(rule="TRU004", on=reference, because="it is as it is", until=END)
    declarations = Declarations(account=ACCOUNT, groups={"analysts": Group()}, exceptions=(exception,))
    return [
        str(finding) for finding in references.check_references(draft_of(declarations, date(2026, 11, 24)))
    ]


@pytest.mark.parametrize(
    "reference",
    [
        "group/analysts",
        "group/analysts.until-2027-01-31",
        "group/mfa-guard",
        "group/command-line",
        "bucket/access-logs",
    ],
)
def test_accepts_declared_names(reference):
    assert messages(reference) == []


def test_refuses_names_of_another_kind():
    assert messages("role/analysts") == [
        "declarations: role `analysts` is not declared; found `role/analysts`; accepted: a name under `roles`"
    ]


@pytest.mark.parametrize(
    ("word", "names", "expected"),
    [
        pytest.param("analyts", ["operators", "analysts"], ["analysts", "operators"], id="the nearest first"),
        pytest.param("x", ["d", "c", "b", "a"], ["d", "c", "b"], id="never more than three"),
        pytest.param("", ["b", "a"], ["a", "b"], id="without a near name, the first ones"),
        pytest.param("x", [], [], id="of none, none"),
        pytest.param(
            "person-0042x",
            [f"person-{number:04}" for number in range(3_000)],
            ["person-0042"],
            id="of thousands, the nearest first",
        ),
        pytest.param(
            "qerson-0042",
            [f"{name}-{number:04}" for name in ("group", "person") for number in range(3_000)],
            ["person-0042"],
            id="of thousands, by the last letters",
        ),
        pytest.param("x" * 10**6, ["a"], ["a"], id="for a very long word"),
    ],
)
def test_nearest_names(word, names, expected):
    assert nearest(word, names)[: len(expected)] == expected
    assert len(nearest(word, names)) <= 3
