"""Comparison is an order on policies: laws that hold for all policies."""

import json
import random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from keywright.policy.statement import Kind
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, UndecidedComparison, compare
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.witnesses.replay import replay
from tests.laws.small_policies import document, policies, policy, statements

unhurried = settings(deadline=None)
NARROWINGS = ("deny", "condition", "resource")
ANY = policies(variables=True)
SHARED = policies(principals=True)


def same(before, after, kind=Kind.IDENTITY):
    return compare(document(before, kind), document(after, kind))


@unhurried
@given(ANY)
def test_nothing_is_new_to_itself(value):
    assert isinstance(same(value, value), NoNewAccess)


@unhurried
@given(SHARED)
def test_nothing_shared_is_new_to_itself(value):
    assert isinstance(same(value, value, Kind.RESOURCE), NoNewAccess)


@unhurried
@given(
    ANY, st.lists(st.tuples(st.sampled_from(NARROWINGS), statements(variables=True)), min_size=2, max_size=2)
)
def test_transitivity(first, changes):
    """A chain of narrower and narrower documents."""
    second, third = (narrowed(first, changes[:n]) for n in (1, 2))
    assume(isinstance(same(first, second), NoNewAccess))
    assume(isinstance(same(second, third), NoNewAccess))
    assert not isinstance(same(first, third), NewAccess)


def narrowed(value, changes):
    written = json.loads(json.dumps(value))
    for change, extra in changes:
        if change == "deny":
            written["Statement"].append(extra | {"Effect": "Deny"})
        elif change == "condition":
            written["Statement"][0]["Condition"] = extra.get("Condition", {})
        else:
            written["Statement"][0]["Resource"] = "arn:aws:s3:::b/x"
            written["Statement"][0].pop("NotResource", None)
    return written


@unhurried
@given(ANY, statements(variables=True))
def test_a_denial_never_widens(value, extra):
    denied = policy([*value["Statement"], extra | {"Effect": "Deny"}])
    assert isinstance(same(value, denied), NoNewAccess)


@unhurried
@given(ANY, statements(variables=True))
def test_an_allow_never_narrows(value, extra):
    allowed = policy([*value["Statement"], extra | {"Effect": "Allow"}])
    assert isinstance(same(allowed, value), NoNewAccess)


@unhurried
@given(ANY, ANY, st.randoms(use_true_random=False))
def test_order_and_case_do_not_matter(before, after, chance):
    answer = type(same(before, after))
    assert type(same(shuffled(before, chance), shuffled(after, chance))) is answer


def shuffled(value, chance: random.Random):
    """Write a document in another order, with its actions in other cases."""
    written = json.loads(json.dumps(value))
    chance.shuffle(written["Statement"])
    for statement in written["Statement"]:
        for element in ("Action", "NotAction"):
            if element in statement:
                statement[element] = [each.upper() for each in statement[element]]
        for element in ("Action", "NotAction", "Resource", "NotResource"):
            if element in statement:
                chance.shuffle(statement[element])
    return written


@unhurried
@given(ANY)
def test_splitting_does_not_matter(value):
    split = policy([part for statement in value["Statement"] for part in parts_of(statement)])
    assert isinstance(same(value, split), NoNewAccess)
    assert isinstance(same(split, value), NoNewAccess)


def parts_of(statement):
    """Write one statement for each of its actions and resources."""
    for action in statement.get("Action", [None]):
        for resource in statement.get("Resource", [None]):
            part = dict(statement)
            if action is not None:
                part["Action"] = action
            if resource is not None:
                part["Resource"] = resource
            yield part


@unhurried
@given(ANY, ANY)
def test_a_witness_replays(before, after):
    found = same(before, after)
    if isinstance(found, NewAccess):
        old, new = (Policies(identity=(document(each),)) for each in (before, after))
        assert replay(found.witness.request, old, new)


@unhurried
@given(ANY, ANY)
def test_what_is_undecided_says_why(before, after):
    found = same(before, after)
    assert not isinstance(found, UndecidedComparison) or found.reason


@unhurried
@given(ANY, ANY)
def test_the_same_question_has_the_same_answer(before, after):
    assert same(before, after) == same(before, after)
