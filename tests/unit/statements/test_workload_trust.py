"""A trust in the instances of a workload recognizes the workload's role by path and tag."""

from __future__ import annotations

import pytest

from keywright.statements.trusts.same_account import workload_trust

ACCOUNT = "111111111111"
PATH = "/access/"


def test_recognizes_the_workloads_role_by_path_and_tag():
    statement = workload_trust(partition="aws", account=ACCOUNT, path=PATH, workload="fleet")
    assert statement.principals == {"AWS": (f"arn:aws:iam::{ACCOUNT}:root",)}
    assert statement.conditions == {
        "StringEquals": {"aws:PrincipalTag/keywright-workload": ("fleet",)},
        "ArnLike": {"aws:PrincipalArn": (f"arn:aws:iam::{ACCOUNT}:role{PATH}*",)},
    }


@pytest.mark.parametrize("name", ["*", "f?eet", "${aws:username}", ""])
def test_refuses_a_name_with_a_wildcard(name):
    with pytest.raises(ValueError, match="compared literally"):
        workload_trust(partition="aws", account=ACCOUNT, path=PATH, workload=name)
