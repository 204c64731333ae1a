"""The values that conditions leave for a key, compared with evaluating the conditions on a small universe."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.policy.conditions import Condition
from keywright.policy.matching.context import NO, YES, Context
from keywright.reasoning.sets.condition_sets import (
    accepts,
    find_values,
    has_values,
    holds_one_value,
    key_test,
)
from keywright.reasoning.sets.constraints import constraint
from keywright.reasoning.sets.emptiness import text_of

KEY = "aws:TagKeys"
TEXTS = ("red", "rod", "blue", "RED", "x", "")
STRINGS = st.tuples(
    st.sampled_from(
        (
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringEqualsIfExists",
            "StringNotLikeIfExists",
            "ForAllValues:StringEquals",
            "ForAllValues:StringNotLike",
            "ForAnyValue:StringLike",
            "ForAnyValue:StringNotEquals",
            "ForAnyValue:StringEqualsIfExists",
        )
    ),
    st.lists(st.sampled_from(("red", "r*", "*", "?ed", "blue", "b*e")), min_size=1, max_size=2),
)
NULLS = st.tuples(st.just("Null"), st.sampled_from((["true"], ["false"], ["true", "false"])))
NUMBERS = st.tuples(
    st.sampled_from(
        ("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEqualsIfExists")
    ),
    st.lists(st.sampled_from(("1", "2", "10.5")), min_size=1, max_size=2),
)
ADDRESSES = st.tuples(
    st.sampled_from(("IpAddress", "NotIpAddress", "IpAddressIfExists")),
    st.lists(st.sampled_from(("10.0.0.0/8", "10.1.0.0/16", "::/0", "192.0.2.1")), min_size=1, max_size=2),
)
DATES = st.tuples(
    st.sampled_from(("DateLessThan", "DateEquals", "DateNotEquals", "DateGreaterThan")),
    st.lists(st.sampled_from(("2026-01-01", "2026-01-01T00:00:00Z", "1800000000")), min_size=1, max_size=2),
)


def made(asked, key=KEY):
    condition = Condition(asked[0][0], key, tuple(asked[0][1]))
    one = constraint(key_test(condition))
    return condition, one if asked[1] else one.opposite


def lists_of(conditions):
    return st.lists(st.tuples(conditions, st.booleans()), min_size=1, max_size=4)


def satisfies(pairs, values):
    context = Context({condition.lowered_key: values for condition, _ in pairs} if values else {})
    return all(condition.holds(context) is (YES if each.holds else NO) for condition, each in pairs)


@given(lists_of(st.one_of(STRINGS, NULLS)))
def test_no_value_is_a_proof(asked):
    pairs = [made(each) for each in asked]
    if not has_values(frozenset(each for _, each in pairs)):
        several = [(), *((text,) for text in TEXTS), *combinations(TEXTS, 2), *combinations(TEXTS, 3)]
        assert not any(satisfies(pairs, values) for values in several)


@given(lists_of(st.one_of(STRINGS, NULLS)))
def test_a_value_that_is_found_for_sure_satisfies(asked):
    pairs = [made(each) for each in asked]
    constraints = frozenset(each for _, each in pairs)
    found = find_values(constraints)
    assert (found is not None) is has_values(constraints)
    if found is not None and found.is_exact:
        values = tuple(str(text_of(word)) for word in found.words)
        assert satisfies(pairs, values)
        assert accepts(constraints, values)


@pytest.mark.parametrize(
    ("conditions", "key"),
    [(NUMBERS, "s3:max-keys"), (ADDRESSES, "aws:SourceIp"), (DATES, "aws:CurrentTime")],
    ids=["numbers", "addresses", "dates"],
)
def test_ordered_values_are_decided_exactly(conditions, key):
    @given(lists_of(st.one_of(conditions, NULLS)))
    def law(asked):
        pairs = [made(each, key) for each in asked]
        found = find_values(frozenset(each for _, each in pairs))
        if found is None:
            probes = [
                "0",
                "1",
                "1.5",
                "2",
                "10.5",
                "11",
                "10.0.0.1",
                "10.1.0.1",
                "11.0.0.0",
                "192.0.2.1",
                "::1",
            ]
            probes += ["2025-01-01", "2026-01-01", "2030-01-01", "1800000000"]
            assert not any(satisfies(pairs, (text,)) for text in probes)
            assert not satisfies(pairs, ())
        else:
            assert satisfies(pairs, tuple(str(text_of(word)) for word in found.words))

    law()


@pytest.mark.parametrize(
    ("key", "conditions", "expected"),
    [
        pytest.param("s3:max-keys", "neither", False, id="a number is less or not"),
        pytest.param("aws:PrincipalTag/level", "neither", True, id="a tag may be no number"),
        pytest.param("aws:PrincipalTag/level", "both", False, id="what is no number is not less than one either"),
        pytest.param("aws:PrincipalTag/level", "spelled", False, id="a text that is a number"),
        pytest.param("aws:PrincipalTag/level", "unequal", True, id="whether it is unequal to one is open"),
        pytest.param("s3:max-keys", "unequal", False, id="a number is equal or not"),
    ],
)  # fmt: skip
def test_a_non_number_counts_where_a_key_may_have_it(key, conditions, expected):
    asked = {
        "neither": [(("NumericLessThan", ["5"]), False), (("NumericGreaterThanEquals", ["5"]), False)],
        "both": [(("NumericLessThan", ["5"]), True), (("NumericLessThan", ["10"]), False)],
        "spelled": [
            (("NumericLessThan", ["5"]), False),
            (("NumericGreaterThanEquals", ["5"]), False),
            (("StringEquals", ["4", "7"]), True),
        ],
        "unequal": [(("NumericEquals", ["5"]), False), (("NumericNotEquals", ["5"]), False)],
    }[conditions]
    present = (("Null", ["false"]), True)
    assert has_values(frozenset(made(each, key)[1] for each in [*asked, present])) is expected


@given(lists_of(st.one_of(STRINGS, NULLS)), st.lists(st.sampled_from(TEXTS), max_size=2, unique=True))
def test_accepts_agrees_with_the_conditions(asked, values):
    pairs = [made(each) for each in asked]
    if accepts(frozenset(each for _, each in pairs), tuple(values)):
        assert satisfies(pairs, tuple(values))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("ArnEquals", ["arn:aws:s3:::b"]), ("ArnLike", ["arn:aws:s3:::b"]), id="ARN operators"),
        pytest.param(("StringLike", ["red"]), ("StringEquals", ["red"]), id="a pattern without wildcards"),
        pytest.param(("StringLike", ["a", "b"]), ("StringLike", ["b", "a"]), id="order"),
        pytest.param(("NumericLessThan", ["1", "2"]), ("NumericLessThan", ["2"]), id="the wider bound"),
        pytest.param(
            ("IpAddress", ["10.0.0.0/9", "10.128.0.0/9"]), ("IpAddress", ["10.0.0.0/8"]), id="halves"
        ),
        pytest.param(("Bool", ["True"]), ("Bool", ["true"]), id="case of a boolean"),
        pytest.param(
            ("DateLessThan", ["2026-01-01"]), ("DateLessThan", ["2026-01-01T00:00:00Z"]), id="dates"
        ),
    ],
)
def test_conditions_that_mean_the_same_are_one_test(one, other):
    first, second = (key_test(Condition(operator, KEY, tuple(values))) for operator, values in (one, other))
    assert constraint(first) is constraint(second)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        pytest.param("StringIsNice", "red", id="an operator AWS does not know"),
        pytest.param("NumericLessThan", "many", id="a number that is none"),
        pytest.param("IpAddress", "home", id="an address that is none"),
        pytest.param("Bool", "perhaps", id="a boolean that is none"),
        pytest.param("Null", "perhaps", id="a null that is none"),
    ],
)
def test_an_uninterpreted_test_contradicts_only_its_opposite(operator, value):
    uninterpreted = constraint(key_test(Condition(operator, KEY, (value,))))
    assert has_values(frozenset({uninterpreted}))
    assert has_values(frozenset({uninterpreted.opposite}))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("aws:principaltag/team", True),
        ("aws:tagkeys", False),
        ("aws:calledvia", False),
        ("s3:prefix", True),
        ("ec2:resourcetag/team", True),
        ("dynamodb:attributes", False),
        ("nobody:knows", False),
    ],
)
def test_keys_of_one_value_are_known(key, expected):
    assert holds_one_value(key) is expected
