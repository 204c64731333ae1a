"""Laws of escalation for all policies.

Techniques that remove a denial are left out: they need a denial to remove.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.reasoning.account.actors import Account
from keywright.reasoning.escalation.paths import Escalates
from keywright.reasoning.escalation.steps import EscalationSteps
from keywright.reasoning.escalation.technique import TargetKind, techniques
from tests.unit.reasoning.actors import IAM, allow, deny, result, role, trusting, user

WAYS = [
    technique
    for technique in techniques()
    if technique.reaches not in {TargetKind.RESTRICTION, TargetKind.STORED_CREDENTIALS}
    and not technique.undecided
]
ACTIONS = sorted({action for technique in WAYS for action in technique.actions})
SOME = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=8, unique=True)
RESOURCES = st.sampled_from(
    ["*", f"{IAM}user/*", f"{IAM}role/*", f"{IAM}role/b", f"{IAM}user/a", "arn:aws:lambda:*:*:function:f"]
)
STATEMENTS = st.lists(
    st.builds(lambda actions, on: allow(*actions, on=on), SOME, RESOURCES), min_size=1, max_size=4
)
DENIALS = st.builds(lambda actions, on: deny(*actions, on=on), SOME, RESOURCES)
TARGET = role("b", allow("kinesis:*"), trust=[trusting("lambda.amazonaws.com"), trusting(f"{IAM}root")])


def steps(*statements):
    """Give all open steps, each with where it leads."""
    who = user("a", *statements)
    return {(step.technique.id, step.to) for step in EscalationSteps(who, Account((who, TARGET)))}


@given(SOME)
@settings(max_examples=200)
def test_escalates_exactly_with_all_actions_of_a_technique(actions):
    has_a_way = any(set(technique.actions) <= set(actions) for technique in WAYS)
    assert isinstance(result(user("a", allow(*actions))), Escalates) is has_a_way


@given(STATEMENTS, DENIALS)
def test_a_denial_never_adds_a_step(statements, denial):
    assert steps(*statements, denial) <= steps(*statements)


@given(STATEMENTS, st.randoms())
def test_order_and_case_do_not_matter(statements, random):
    shuffled = [
        statement
        | {
            "Action": random.sample(
                [each.swapcase() for each in statement["Action"]], len(statement["Action"])
            )
        }
        for statement in random.sample(statements, len(statements))
    ]
    assert steps(*shuffled) == steps(*statements)


@given(STATEMENTS)
def test_splitting_a_statement_does_not_matter(statements):
    split = [statement | {"Action": [action]} for statement in statements for action in statement["Action"]]
    assert steps(*split) == steps(*statements)


@given(STATEMENTS, STATEMENTS)
def test_a_boundary_never_adds_a_step(statements, boundary):
    within = user("a", *statements, boundary=boundary)
    found = {(each.technique.id, each.to) for each in EscalationSteps(within, Account((within, TARGET)))}
    assert found <= steps(*statements)


@given(STATEMENTS, STATEMENTS)
def test_more_permission_never_closes_a_step(statements, more):
    assert steps(*statements) <= steps(*statements, *more)


@given(SOME)
def test_everything_denied_is_contained(actions):
    found = result(user("a", allow(*actions), deny("*")))
    assert not isinstance(found, Escalates)
