"""Action classes: every action is in exactly the class of the patterns that match it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.policy.matching.patterns import action_pattern
from keywright.reasoning.sets.action_sets import Actions, TooManyActionsError, find_action
from keywright.reasoning.sets.emptiness import text_of

NAMES = ("a", "ab", "ba", "abc", "b", "x")
EVERY = [f"{service}:{name}" for service in ("s", "t", "u") for name in NAMES]
PATTERNS = st.sampled_from(
    ("*", "s:*", "s:a*", "s:*b*", "s:?", "s:ab", "S:AB", "t:*c", "t:a?c", "*:a*", "s*:b", "u:x")
)
ELEMENTS = st.lists(st.lists(PATTERNS, min_size=1, max_size=3), min_size=1, max_size=3)


def numbered(elements):
    actions = Actions()
    return actions, [actions.number(tuple(element)) for element in elements]


def covers(element, action):
    return any(action_pattern(pattern).covers(action) for pattern in element)


@given(ELEMENTS)
def test_every_action_is_in_a_class_of_its_membership(elements):
    actions, numbers = numbered(elements)
    classes = actions.classes()
    for action in EVERY:
        membership = actions.membership(action)
        assert membership in classes
        for number, element in zip(numbers, elements, strict=True):
            assert bool(membership >> number & 1) is covers(element, action)


@given(ELEMENTS)
def test_an_action_found_for_a_class_is_of_it(elements):
    actions, _ = numbered(elements)
    for membership, each in actions.classes().items():
        for overlap in each.overlaps:
            word = find_action(overlap, actions.literals)
            if word is not None:
                assert actions.membership(text_of(word)) == membership
        assert all(actions.membership(literal) == membership for literal in each.literals)


def test_order_and_case_of_patterns_make_no_other_element():
    actions = Actions()
    assert actions.number(("s3:Get*", "s3:Put*")) == actions.number(("S3:put*", "S3:GET*"))


def test_patterns_of_the_same_statements_are_not_distinguished():
    actions = Actions()
    actions.number(tuple(f"s:*{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"))
    assert len(actions.classes()) == 2


def test_too_many_overlaps_are_reported():
    actions = Actions()
    for letter in "abcdefghijklmnopqrstuvwxyz":
        actions.number((f"s:*{letter}*",))
    with pytest.raises(TooManyActionsError):
        actions.classes()
