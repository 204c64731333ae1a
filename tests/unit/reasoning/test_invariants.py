"""Invariants are proved for every principal that they apply to, or violated by a path that is shown."""

import pytest

from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind
from keywright.reasoning.comparison.search import NewAccess, NoNewAccess
from keywright.reasoning.invariants.principals import PrincipalPolicies
from keywright.reasoning.invariants.proofs import (
    Broken,
    Invariant,
    Proved,
    Unproved,
    prove_always,
    prove_never,
)
from keywright.reasoning.invariants.role_assumption import find_assumption
from tests.unit.reasoning.policies import (
    ACCOUNT,
    OTHER_ACCOUNT,
    ROOT,
    allow,
    deny,
    document,
    trusting,
)

ALICE, BOB = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("alice", "bob"))
BACKUP, DEPLOY, ADMIN = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("backup", "deploy", "admin"))
REPORTS = "arn:aws:s3:::reports/*"
DELETE = Invariant(can=("s3:DeleteObject",), on=(REPORTS,))
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def alice(*identity, **more):
    return PrincipalPolicies(ALICE, identity, **more)


def role(arn, *identity, trust=None):
    return PrincipalPolicies(arn, identity, trust=trust or trusting({"AWS": ACCOUNT}))


@pytest.mark.parametrize(
    "holders",
    [
        pytest.param([], id="nobody"),
        pytest.param([alice()], id="nothing allowed"),
        pytest.param([alice(allow("s3:Get*", REPORTS))], id="another action"),
        pytest.param([alice(allow("s3:*", "arn:aws:s3:::other/*"))], id="another resource"),
        pytest.param([alice(allow(), deny("s3:DeleteObject", REPORTS))], id="denied"),
        pytest.param([alice(allow(), boundary=allow("ec2:*"))], id="beyond the boundary"),
        pytest.param([alice(allow(), service_control=((allow("ec2:*"),),))], id="beyond a control policy"),
        pytest.param(
            [alice(allow(), document({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:ec2:*:*:*"}))], id="denied by exclusion"
        ),
    ],
)  # fmt: skip
def test_never_is_proved(holders):
    assert prove_never(DELETE, holders) == Proved()


@pytest.mark.parametrize(
    "holder",
    [
        pytest.param(alice(allow("s3:*")), id="allowed"),
        pytest.param(alice(allow("s3:*", "arn:aws:s3:::*/a")), id="allowed in part"),
        pytest.param(alice(allow("s3:*", **MFA)), id="allowed under a condition"),
        pytest.param(alice(allow("s3:Get*"), allow("s3:Delete*")), id="by the second policy"),
        pytest.param(role(DEPLOY, allow("s3:DeleteObject")), id="a role"),
    ],
)
def test_never_is_violated_by_a_request(holder):
    found = prove_never(DELETE, [PrincipalPolicies(BOB), holder])
    assert isinstance(found, Broken)
    request = found.path[-1].request
    assert (found.subject, request.principal, request.action) == (holder.arn, holder.arn, "s3:DeleteObject")
    assert request.resource.startswith("arn:aws:s3:::reports/")


def test_exempt_principals_are_not_subjects():
    backup = role(BACKUP, allow("s3:*"))
    excepted = Invariant(can=DELETE.can, on=DELETE.on, excepting=frozenset({BACKUP}))
    assert prove_never(excepted, [backup, alice(allow("sts:AssumeRole"))]) == Proved()
    assert isinstance(prove_never(DELETE, [backup]), Broken)


def test_only_the_named_principals_are_subjects():
    only_bob = Invariant(can=DELETE.can, on=DELETE.on, who=frozenset({BOB}))
    assert prove_never(only_bob, [alice(allow("s3:*")), PrincipalPolicies(BOB)]) == Proved()


def test_only_requests_that_meet_the_conditions_count():
    without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": ("false",)}}
    invariant = Invariant(can=DELETE.can, on=DELETE.on, when=without)
    assert prove_never(invariant, [alice(allow("s3:*", **MFA))]) == Proved()
    assert isinstance(prove_never(invariant, [alice(allow("s3:*"))]), Broken)


def test_never_follows_roles():
    deploy = role(DEPLOY, allow("sts:AssumeRole", ADMIN))
    admin = role(ADMIN, allow(), trust=trusting({"AWS": DEPLOY}))
    invariant = Invariant(can=DELETE.can, on=DELETE.on, who=frozenset({ALICE}))
    found = prove_never(invariant, [alice(allow("sts:AssumeRole", DEPLOY)), deploy, admin])
    assert isinstance(found, Broken)
    assert [
        (step.request.principal, step.request.action, step.request.resource) for step in found.path[:2]
    ] == [
        (ALICE, "sts:AssumeRole", DEPLOY),
        (DEPLOY, "sts:AssumeRole", ADMIN),
    ]
    assert found.path[2].request.principal == ADMIN


@pytest.mark.parametrize(
    ("holder", "trust", "may"),
    [
        pytest.param(alice(allow("sts:*")), trusting({"AWS": ACCOUNT}), True, id="the account trusts, the policy allows"),
        pytest.param(alice(), trusting({"AWS": ACCOUNT}), False, id="the account trusts, no policy allows"),
        pytest.param(alice(), trusting({"AWS": ROOT}), False, id="the root is the account"),
        pytest.param(alice(), trusting({"AWS": ALICE}), True, id="trust by name is enough"),
        pytest.param(alice(boundary=allow("s3:*")), trusting({"AWS": ALICE}), True, id="a boundary does not cap trust by name"),
        pytest.param(role(DEPLOY), trusting({"AWS": DEPLOY}), True, id="trust in a role is enough"),
        pytest.param(
            PrincipalPolicies(DEPLOY, boundary=allow("s3:*")), trusting({"AWS": DEPLOY}), False, id="a boundary caps trust in a role"
        ),
        pytest.param(alice(deny("sts:*")), trusting({"AWS": ALICE}), False, id="a denial wins"),
        pytest.param(alice(allow(), boundary=deny("sts:*")), trusting({"AWS": ALICE}), False, id="a boundary's denial wins"),
        pytest.param(alice(allow("sts:*")), trusting({"AWS": BOB}), False, id="trust in another"),
        pytest.param(alice(allow("sts:*", BACKUP)), trusting({"AWS": ACCOUNT}), False, id="a policy for another role"),
        pytest.param(alice(allow("sts:*", **MFA)), trusting({"AWS": ACCOUNT}, **MFA), True, id="the same condition on both sides"),
        pytest.param(
            alice(allow("sts:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})),
            trusting({"AWS": ACCOUNT}, **MFA),
            False,
            id="conditions that exclude each other",
        ),
        pytest.param(
            PrincipalPolicies(f"arn:aws:iam::{OTHER_ACCOUNT}:user/eve"),
            trusting({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:user/eve"}),
            False,
            id="across accounts both must allow",
        ),
        pytest.param(
            PrincipalPolicies(f"arn:aws:iam::{OTHER_ACCOUNT}:user/eve", (allow("sts:*"),)),
            trusting({"AWS": OTHER_ACCOUNT}),
            True,
            id="across accounts both do",
        ),
    ],
)  # fmt: skip
def test_who_can_assume_a_role(holder, trust, may):
    assert isinstance(find_assumption(holder, role(ADMIN, trust=trust)), NewAccess if may else NoNewAccess)


def test_a_call_that_aws_always_allows_violates_never():
    assert isinstance(prove_never(Invariant(can=("sts:*",)), [alice(deny())]), Broken)


def test_what_is_not_readable_is_not_proved():
    unread, _ = parse_document({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}, file="x")
    found = prove_never(DELETE, [alice(unread)])
    assert isinstance(found, Unproved)
    assert found.reason.startswith(
        f"what `{ALICE}` can do is undecided: a part of a policy could not be read"
    )


def test_a_doubt_matters_only_on_a_path():
    unread = parse_document({"Version": "2012-10-17", "Statement": 5}, file="x", kind=Kind.TRUST)[0]
    invariant = Invariant(can=DELETE.can, on=DELETE.on, who=frozenset({ALICE}))
    assert prove_never(invariant, [alice(), role(DEPLOY, allow("ec2:*"), trust=unread)]) == Proved()
    found = prove_never(invariant, [alice(), role(DEPLOY, allow("s3:*"), trust=unread)])
    assert isinstance(found, Unproved)
    assert found.reason.startswith(f"whether `{ALICE}` can assume `{DEPLOY}` is undecided")


ADMINISTER = Invariant(can=("*",), who=frozenset({BACKUP}))


@pytest.mark.parametrize(
    ("holder", "outcome"),
    [
        pytest.param(role(BACKUP, allow()), Proved, id="everything"),
        pytest.param(role(BACKUP, allow("s3:*")), Broken, id="something"),
        pytest.param(
            role(BACKUP, allow(), deny("iam:DeleteRole", "arn:aws:iam::*:role/x")), Broken, id="all but one"
        ),
        pytest.param(role(BACKUP, allow("*", **MFA)), Broken, id="with MFA alone"),
    ],
)
def test_always_is_about_every_request(holder, outcome):
    assert isinstance(prove_always(ADMINISTER, [holder]), outcome)


def test_always_shows_what_is_refused():
    found = prove_always(
        ADMINISTER, [role(BACKUP, allow(), deny("iam:DeleteRole", f"arn:aws:iam::{ACCOUNT}:role/x"))]
    )
    assert isinstance(found, Broken)
    request = found.path[0].request
    assert (request.action, request.resource) == ("iam:DeleteRole", f"arn:aws:iam::{ACCOUNT}:role/x")


def test_always_counts_roles_that_can_be_assumed():
    invariant = Invariant(can=("s3:*",), on=(REPORTS,), who=frozenset({ALICE}))
    admin = role(ADMIN, allow())
    assert prove_always(invariant, [alice(allow("sts:AssumeRole", ADMIN)), admin]) == Proved()
    assert isinstance(prove_always(invariant, [alice(), admin]), Broken)


def test_always_is_not_proved_without_principals():
    assert prove_always(ADMINISTER, [alice()]) == Unproved("the invariant applies to no principal")


def test_hostile_patterns_are_given_up_in_time_and_never_proved():
    tangled = [f"*{'*'.join(pair)}*" for pair in ("abcdefgh", "bcdefgha", "hgfedcba", "acegbdfh")]
    statements = [
        {"Effect": effect, "Action": f"s3:{each}", "Resource": f"arn:aws:s3:::{other}"}
        for effect, several in (("Allow", tangled), ("Deny", tangled[1:]))
        for each in several
        for other in several
    ]
    people = [PrincipalPolicies(f"{ALICE}{number}", (document(*statements),)) for number in range(120)]
    invariant = Invariant(can=("s3:*a*b*c*d*",), on=("arn:aws:s3:::*d*c*b*a*",))
    assert isinstance(prove_never(invariant, people), Broken | Unproved)
