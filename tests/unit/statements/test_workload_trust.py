"""A role for the instances of a workload: by the tag of the workload's role, which has a generated name."""

from __future__ import annotations

import pytest

from keywright.statements.trusts.same_account import workload_trust

ACCOUNT = "111111111111"
PATH = "/access/"


def test_names_neither_a_role_that_is_made_anew_nor_a_name_that_nobody_knows():
    statement = workload_trust(partition="aws", account=ACCOUNT, path=PATH, workload="fleet")
    assert statement.principals == {"AWS": (f"arn:aws:iam::{ACCOUNT}:root",)}
    assert statement.conditions == {
        "StringEquals": {"aws:PrincipalTag/keywright-workload": ("fleet",)},
        "ArnLike": {"aws:PrincipalArn": (f"arn:aws:iam::{ACCOUNT}:role{PATH}*",)},
    }


@pytest.mark.parametrize("name", ["*", "f?eet", "${aws:username}", ""])
def test_refuses_a_name_that_could_be_more_than_itself(name):
    with pytest.raises(ValueError, match="compared literally"):
        workload_trust(partition="aws", account=ACCOUNT, path=PATH, workload=name)
