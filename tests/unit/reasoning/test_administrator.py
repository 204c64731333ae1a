"""Which actors have full access, by all their policies together."""

import pytest

from keywright.reasoning.escalation.administrator import (
    Administrator,
    NotAdministrator,
    UndecidedAdministrator,
    is_administrator,
)
from tests.unit.reasoning.actors import EVERYTHING, allow, deny, document


def all_but(*actions, effect="Allow"):
    return {"Effect": effect, "NotAction": list(actions), "Resource": "*"}


WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param([[EVERYTHING]], id="everything"),
        pytest.param([[allow("iam:*")], [all_but("iam:*")]], id="a service and all others"),
        pytest.param([[allow("IAM:*"), all_but("iam:*")]], id="in any case"),
        pytest.param([[all_but("iam:*"), all_but("s3:*")]], id="two exceptions that do not meet"),
        pytest.param([[allow("*", on=["arn:*", "*"])]], id="twice"),
        pytest.param([[allow("*", **WITH_MFA)]], id="in some circumstances"),
        pytest.param(
            [[EVERYTHING, deny("iam:*", Bool={"aws:SecureTransport": "false"})]], id="not without TLS"
        ),
    ],
)
def test_an_administrator(policies):
    assert is_administrator([document(*each) for each in policies]) == Administrator()


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param([], id="no policy"),
        pytest.param([[allow("iam:*")]], id="one service"),
        pytest.param([[allow("iam:*"), all_but("iam:*", "s3:*")]], id="a service left out"),
        pytest.param([[all_but("iam:*Role"), all_but("iam:Get*")]], id="two exceptions that meet"),
        pytest.param([[all_but("s3:*"), allow("s3:a*")]], id="half of an exception"),
        pytest.param([[EVERYTHING, deny("s3:DeleteBucket")]], id="one action denied"),
        pytest.param([[EVERYTHING, all_but("iam:*", effect="Deny")]], id="all but one service denied"),
        pytest.param([[EVERYTHING, deny("*", on="arn:aws:s3:::b")]], id="one resource denied"),
        pytest.param([[allow("*", on="arn:aws:s3:::b")]], id="one resource"),
        pytest.param([[EVERYTHING, deny("*")]], id="everything denied"),
    ],
)
def test_no_administrator(policies):
    assert isinstance(is_administrator([document(*each) for each in policies]), NotAdministrator)


@pytest.mark.parametrize(
    ("boundary", "kind"),
    [
        pytest.param([EVERYTHING], Administrator, id="that allows everything"),
        pytest.param([allow("iam:*"), all_but("iam:*")], Administrator, id="in two halves"),
        pytest.param([deny("*")], NotAdministrator, id="that denies"),
        pytest.param([all_but("*")], NotAdministrator, id="that allows nothing"),
        pytest.param([all_but("iam:*")], NotAdministrator, id="that lacks a service"),
    ],
)
def test_within_a_boundary(boundary, kind):
    assert isinstance(is_administrator([document(EVERYTHING)], document(*boundary)), kind)


def test_an_unreadable_part_leaves_it_undecided():
    assert isinstance(is_administrator([document("no statement")]), UndecidedAdministrator)


def test_says_what_is_missing():
    assert is_administrator([document(EVERYTHING, deny("s3:DeleteBucket"))]) == NotAdministrator(
        "s3:deletebucket"
    )


def test_patterns_that_overlap_in_too_many_ways_leave_it_open():
    some = f"s3:*a{'?' * 14}b*", f"s3:*b{'?' * 14}a*"
    others = f"s3:*a?b{'?' * 14}*c*", f"s3:*{'?' * 14}a*", f"s3:*{'?' * 14}b*"
    halves = allow("iam:*"), all_but("iam:*")
    assert isinstance(
        is_administrator([document(*halves, allow(*some), deny(*others))]), UndecidedAdministrator
    )
    # Beside a statement that allows everything, what else is allowed does not count.
    assert is_administrator([document(EVERYTHING, allow(*some), deny(*others))]) == is_administrator(
        [document(EVERYTHING, deny(*others))]
    )


def test_an_unreadable_part_may_deny():
    assert isinstance(is_administrator([document(EVERYTHING, "no statement")]), UndecidedAdministrator)
