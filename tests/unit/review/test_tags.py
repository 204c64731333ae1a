"""A changed tag with conditions on it is reported with both values: whether access changes is undecided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keywright.review.result import Verdict
from tests.unit.review.templates import allow, managed, reviewed, user

if TYPE_CHECKING:
    from pathlib import Path

BY_TAG = managed(allow("s3:GetObject", "arn:aws:s3:::acme/${aws:PrincipalTag/team}/*"))


def tagged(**tags: str) -> dict[str, object]:
    return user(Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        pytest.param(
            {"team": "blue"},
            {"team": "red"},
            'has the tag `team` = `"red"`; before, it was `"blue"`',
            id="another value",
        ),
        pytest.param(
            {}, {"team": "red"}, 'has the tag `team` = `"red"`; before, it had none', id="a new one"
        ),
        pytest.param(
            {"team": "blue"}, {}, 'no longer has the tag `team`; before, it was `"blue"`', id="none any more"
        ),
    ],
)
def test_a_changed_tag_is_reported_with_both_values(tmp_path: Path, was, now, says) -> None:
    found = reviewed(tmp_path, {"P": BY_TAG, "Alice": tagged(**was)}, {"P": BY_TAG, "Alice": tagged(**now)})
    assert [(each.name, each.says) for each in found.facts] == [
        ("user/alice", f"{says}; a policy has a condition on this tag")
    ]
    assert found.verdict is Verdict.UNDECIDED


def test_a_tag_without_conditions_is_ignored(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path, {"P": BY_TAG, "Alice": tagged(desk="1")}, {"P": BY_TAG, "Alice": tagged(desk="2")}
    )
    assert (found.facts, found.verdict) == ((), Verdict.NOTHING)
