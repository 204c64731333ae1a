"""Without an account in the templates, a gain in one of the named accounts is a gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.result import Verdict
from tests.unit.review.templates import allow, bucket_policy, deny, reviewed, role, to, trust

if TYPE_CHECKING:
    from pathlib import Path

HERE = "arn:aws:iam::111111111111"
EC2 = trust({"Service": "ec2.amazonaws.com"})
IN_ACCOUNT = {"StringEquals": {"aws:PrincipalAccount": "111111111111"}}

GAINS: dict[str, tuple[Any, Any]] = {
    "a role by name for the account": (
        {"P": bucket_policy(to({"AWS": f"{HERE}:root"}))},
        {"P": bucket_policy(to({"AWS": f"{HERE}:role/worker"}))},
    ),
    "what the account alone may": ({"R": role(EC2)}, {"R": role(EC2, allow("s3:*", Condition=IN_ACCOUNT))}),
    "a denial that goes, for the account alone": (
        {"R": role(EC2, allow("s3:*"), deny("s3:Put*", Condition=IN_ACCOUNT))},
        {"R": role(EC2, allow("s3:*"))},
    ),
}


@pytest.mark.parametrize(("was", "now"), GAINS.values(), ids=GAINS)
def test_widens_where_the_account_is_the_one_that_is_named(tmp_path: Path, was: Any, now: Any) -> None:
    found = reviewed(tmp_path, was, now)
    assert found.verdict is Verdict.WIDENS
    assert {step.where for each in found.gains for step in each.gains} == {"if the account is `111111111111`"}


def test_more_accounts_than_are_tried_prove_nothing(tmp_path: Path) -> None:
    was, now = (
        {"P": bucket_policy(to({"AWS": [f"arn:aws:iam::{each:012}:root" for each in some]}))}
        for some in (range(1, 30), range(1, 29))
    )
    assert reviewed(tmp_path, was, now).verdict is Verdict.UNDECIDED


def test_what_narrows_in_each_account_narrows(tmp_path: Path) -> None:
    was = {"P": bucket_policy(to({"AWS": f"{HERE}:root"}, ["s3:GetObject", "s3:PutObject"]))}
    assert (
        reviewed(tmp_path, was, {"P": bucket_policy(to({"AWS": f"{HERE}:root"}))}).verdict is Verdict.NARROWS
    )
