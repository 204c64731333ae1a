"""Comparison, z3 and brute force agree on random small policies.

z3 translates the same documents to formulas; brute force evaluates every request of a small universe. What z3
cannot decide in time is left to the other two. Every disagreement that was found is a row of the table below.
"""

import pytest
from hypothesis import HealthCheck, given, settings

from keywright.policy.statement import Kind
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, compare, compare_access
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.verdict import Allowed, Undecided
from keywright.reasoning.witnesses.replay import ReplayResult, replay
from tests.laws import z3_comparison
from tests.laws.small_policies import CALLERS, changed, document, keys_of, policies, requests

slow = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def identity(value):
    return Policies(identity=(document(value),))


def resource(value):
    return Policies(resource=document(value, Kind.RESOURCE))


def is_new(request, before, after):
    if not isinstance(evaluate(request, after), Allowed):
        return False
    was = evaluate(request, before)
    return not isinstance(was, (Allowed, Undecided)) or (isinstance(was, Undecided) and was.is_denied)


def found_by_search(before, after, keys, principals=CALLERS[1:2]):
    """Give a request that is new, None when none is found."""
    return next((each for each in requests(keys, principals) if is_new(each, before, after)), None)


@slow
@given(changed())
def test_three_ways_to_compare_agree(pair):
    agree(*pair)


@slow
@given(changed(variables=True))
def test_three_ways_to_compare_agree_on_variables(pair):
    agree(*pair)


def agree(old, new):
    found = compare(document(old), document(new))
    request = found_by_search(identity(old), identity(new), keys_of(old, new))
    by_z3 = said_by_z3(old, new)
    assert not (request is not None and by_z3 is False)
    if isinstance(found, NoNewAccess):
        assert request is None
        assert by_z3 is not True
    if isinstance(found, NewAccess):
        assert replay(found.witness.request, identity(old), identity(new)) is ReplayResult.EITHER_WAY
        assert by_z3 is not False or ":user/" not in found.witness.principal


def said_by_z3(old, new):
    """Ask z3; None also where its formulas have no word for what a document says."""
    try:
        return z3_comparison.new_access(old, new, timeout=500)
    except z3_comparison.UnsaidError:
        return None


@slow
@given(changed(principals=True))
def test_brute_force_agrees_on_principals(pair):
    old, new = pair
    found = compare(document(old, Kind.RESOURCE), document(new, Kind.RESOURCE))
    before, after = resource(old), resource(new)
    if isinstance(found, NoNewAccess):
        assert found_by_search(before, after, keys_of(old, new), CALLERS) is None
    if isinstance(found, NewAccess):
        assert replay(found.witness.request, before, after)


@slow
@given(changed(variables=True), policies())
def test_brute_force_agrees_on_boundaries(pair, boundary):
    old, new = pair
    before = Policies(identity=(document(old),), boundary=document(boundary))
    after = Policies(identity=(document(new),), boundary=document(boundary))
    found = compare_access(before, after)
    if isinstance(found, NoNewAccess):
        assert found_by_search(before, after, keys_of(old, new, boundary)) is None


def controls(value):
    """Write a policy as a resource control policy, which denies to everybody whatever it is about."""
    denied = [{**each, "Effect": "Deny", "Principal": "*"} for each in value["Statement"]]
    return {**value, "Statement": [one("Allow", "*", "*", Principal="*"), *denied]}


def controlled(identity_policy, control):
    return Policies(
        identity=(document(identity_policy),),
        resource_control=((document(controls(control), Kind.RESOURCE),),),
    )


@slow
@given(changed(), changed())
def test_three_ways_to_compare_agree_on_resource_control(pair, control):
    """Brute force evaluates every request; z3 is asked about S3, which takes part for certain."""
    old, new = pair
    before, after = controlled(old, control[0]), controlled(new, control[1])
    found = compare_access(before, after)
    request = found_by_search(before, after, keys_of(old, new, *control))
    if isinstance(found, NoNewAccess):
        assert request is None
        assert controlled_by_z3(pair, control) is not True
    if isinstance(found, NewAccess):
        assert replay(found.witness.request, before, after) is ReplayResult.EITHER_WAY


def controlled_by_z3(pair, control):
    of_s3 = {"Version": "2012-10-17", "Statement": [one("Allow", "s3:*", "*")]}
    try:
        sides = [(each, controls(beside), of_s3) for each, beside in zip(pair, control, strict=True)]
        return z3_comparison.new_access_in_all(*sides, timeout=500)
    except z3_comparison.UnsaidError:
        return None


@slow
@given(changed(principals=True), changed())
def test_brute_force_agrees_on_resource_control_of_resources(pair, control):
    before, after = (
        Policies(
            resource=document(each, Kind.RESOURCE),
            resource_control=((document(controls(beside), Kind.RESOURCE),),),
        )
        for each, beside in zip(pair, control, strict=True)
    )
    found = compare_access(before, after)
    if isinstance(found, NoNewAccess):
        callers = (*CALLERS, LINKED)
        assert found_by_search(before, after, keys_of(*pair, *control), callers) is None
    if isinstance(found, NewAccess):
        assert replay(found.witness.request, before, after)


LINKED = "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"


def one(effect, action, resource, **elements):
    return {"Effect": effect, "Action": action, "Resource": resource, **elements}


HOME, TEAM = "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::${aws:PrincipalTag/team}/x"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            [
                one("Allow", ["s3:PutObject", "ec2:*"], [TEAM, HOME]),
                {
                    "Effect": "Deny",
                    "NotAction": "s3:*Object",
                    "Resource": "arn:aws:s3:::?/x",
                    "Condition": {"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}},
                },
            ],
            [one("Allow", ["s3:PutObject", "ec2:*"], [TEAM, HOME])],
            "new-access",
            id="a variable lost on the way to normal form met nothing",
        ),
        pytest.param(
            [
                {
                    "Effect": "Allow",
                    "Action": "s3:?etObject",
                    "NotResource": ["arn:aws:s3:::${aws:PrincipalTag/team, 'b'}/*", "arn:aws:s3:::?/x"],
                    "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
                }
            ],
            [
                {
                    "Effect": "Allow",
                    "Action": "s3:?etObject",
                    "NotResource": ["arn:aws:s3:::${aws:PrincipalTag/team, 'b'}/*", "arn:aws:s3:::?/x"],
                }
            ],
            "new-access",
            id="a text that is no date was offered as one",
        ),
        pytest.param(
            [
                one("Allow", "*", "*"),
                one(
                    "Deny",
                    "*",
                    "arn:aws:s3:::b/*",
                    Condition={
                        "StringLike": {"aws:PrincipalTag/team": "${aws:username}*"},
                        "StringEqualsIfExists": {"aws:PrincipalTag/team": "red"},
                    },
                ),
            ],
            [one("Allow", "*", HOME)],
            "new-access",
            id="a variable has to be chosen for the text beside it",
        ),
    ],
)
def test_regressions(before, after, expected):
    old, new = ({"Version": "2012-10-17", "Statement": each} for each in (before, after))
    assert compare(document(old), document(new)).name == expected
    agree(old, new)
