"""Every technique is open with exactly the permissions that it needs, and with nothing less."""

import pytest

from keywright.policy.reference.managed_policies import PREFIX
from keywright.reasoning.account.actors import Account, ActorKind, CredentialSource
from keywright.reasoning.escalation.paths import UndecidedEscalation, find_escalations
from keywright.reasoning.escalation.steps import EscalationSteps
from keywright.reasoning.escalation.technique import Restriction, TargetKind, techniques
from tests.unit.reasoning.actors import ACCOUNT, IAM, actor, allow, deny, document, group, managed, role, user

SECRET = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:key"
VICTIM = user("victim", allow("kinesis:*"))
KEPT = Account((VICTIM,), credential_sources=(CredentialSource("secretsmanager:Secret", SECRET, VICTIM.arn),))
WIDE = [allow("ec2:*", "kinesis:*")]
ONE = [pytest.param(technique, id=technique.id) for technique in techniques()]


def bearer(technique, *statements, boundary=()):
    """Give the kind of actor that a technique is for, with whatever there is to lift."""
    kind = ActorKind.USER if technique.of in {"iam:user", "iam:group"} else ActorKind.ROLE
    name = f"{kind}s/bearer"
    if technique.removes is None:
        return actor(kind, name, *statements, boundary=boundary)
    if technique.removes is Restriction.BOUNDARY:
        inside = boundary or [allow(*technique.actions, "kinesis:*")]
        return actor(kind, name, *statements, *WIDE, boundary=inside, boundary_arn=f"{IAM}policy/fence")
    lifted = managed("denying", deny("ec2:*"))
    brought = lifted if technique.removes is Restriction.MANAGED else type(lifted)(lifted.document)
    if technique.of == "iam:group":
        through = group("denied")
        brought = type(lifted)(lifted.document, brought.kind, through.arn, brought.policy)
        return actor(
            kind, name, *statements, *WIDE, grants=(brought,), groups=(through.arn,), boundary=boundary
        )
    return actor(kind, name, *statements, *WIDE, grants=(brought,), boundary=boundary)


def opens(technique, *statements, boundary=()):
    who = bearer(technique, *statements, boundary=boundary)
    return any(EscalationSteps(who, KEPT).through(technique))


@pytest.mark.parametrize("technique", ONE)
def test_opens_with_exactly_what_it_needs(technique):
    assert opens(technique, allow(*technique.actions))


@pytest.mark.parametrize("technique", ONE)
def test_opens_whatever_the_case_and_the_statements(technique):
    assert opens(technique, *(allow(action.upper()) for action in reversed(technique.actions)))


@pytest.mark.parametrize("technique", ONE)
def test_does_not_open_with_one_less(technique):
    assert [one for one in technique.actions if opens(technique, allow(*without(technique, one)))] == []


@pytest.mark.parametrize("technique", ONE)
def test_does_not_open_with_one_denied(technique):
    assert [one for one in technique.actions if opens(technique, allow(*technique.actions), deny(one))] == []


@pytest.mark.parametrize("technique", ONE)
def test_does_not_open_within_a_boundary_that_lacks_one(technique):
    assert [
        one
        for one in technique.actions
        if opens(technique, allow(*technique.actions), boundary=[allow(*without(technique, one))])
    ] == []


@pytest.mark.parametrize("technique", ONE)
def test_does_not_open_with_one_on_a_resource_of_another_kind(technique):
    elsewhere = f"arn:aws:kinesis:eu-central-1:{ACCOUNT}:stream/elsewhere"
    assert [
        one
        for one in technique.actions
        if opens(technique, allow(*without(technique, one)), allow(one, on=elsewhere))
    ] == []


def without(technique, action):
    return ["kinesis:*", *(each for each in technique.actions if each != action)]


PASSING = [pytest.param(technique, id=technique.id) for technique in techniques() if technique.passes]


@pytest.mark.parametrize("technique", PASSING)
def test_does_not_open_where_the_role_may_go_to_another_service_only(technique):
    passing = allow("iam:PassRole", StringEquals={"iam:PassedToService": "pricing.amazonaws.com"})
    assert not opens(technique, passing, allow(*technique.actions[1:]))


@pytest.mark.parametrize("technique", PASSING)
def test_opens_where_the_role_may_go_to_the_service(technique):
    passing = allow("iam:PassRole", StringLike={"iam:PassedToService": technique.passes[0]})
    assert opens(technique, passing, allow(*technique.actions[1:]))


def test_a_policy_of_aws_is_no_customer_managed_one():
    editing = allow("iam:CreatePolicyVersion", on=f"{PREFIX}*")
    who = user("bearer", editing)
    assert [
        step
        for step in EscalationSteps(who, Account((who,)))
        if step.technique.reaches is TargetKind.PERMISSIONS
    ] == []


CEILING = f"{IAM}policy/ceiling"
OPEN = next(each for each in techniques() if each.reaches is TargetKind.TRUST)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        pytest.param({}, [], id="a role without a boundary"),
        pytest.param({"boundary_arn": f"{IAM}policy/other"}, [], id="under another one"),
        pytest.param({"boundary_arn": CEILING}, ["role/target"], id="under this one"),
        pytest.param({"may_have_boundary": True}, ["role/target"], id="perhaps under this one"),
    ],
)
def test_a_required_boundary_allows_roles_that_have_it(more, found):
    target = role("target", allow("kinesis:*"), trust=[], **more)
    maker = user("maker", allow(*OPEN.actions, StringEquals={"iam:PermissionsBoundary": CEILING}))
    steps = EscalationSteps(maker, Account((maker, target))).through(OPEN)
    assert [step.to for step in steps if step.target is target] == found


def test_a_required_boundary_limits_targets_outside():
    maker = user("maker", allow(*OPEN.actions, StringEquals={"iam:PermissionsBoundary": CEILING}))
    account = Account((maker,), policies={CEILING: document(allow("kinesis:*"))})
    (step,) = EscalationSteps(maker, account).through(OPEN)
    assert step.is_declared
    assert step.to == f"an identity with the permissions boundary `{CEILING}`"


def test_identities_created_within_boundaries_end():
    """Each of two boundaries lets roles be made under either: whoever is made so makes nobody new."""
    other = f"{CEILING}2"
    making = ("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy")
    ceiling = document(
        allow(*making, StringEquals={"iam:PermissionsBoundary": [CEILING, other]}), allow("kinesis:*")
    )
    maker = user("maker", allow(*making, StringEquals={"iam:PermissionsBoundary": CEILING}))
    account = Account((maker,), policies={CEILING: ceiling, other: ceiling})
    (found,) = find_escalations(account, most_states=10)
    assert not getattr(found, "unfinished", ())
    assert not isinstance(found, UndecidedEscalation)
