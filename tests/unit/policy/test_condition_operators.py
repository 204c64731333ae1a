"""Condition operators.

Source: "IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys",
"Conditions with multiple context keys or values".
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.policy.conditions import NAMES, Condition, operator_named
from keywright.policy.matching.context import MAYBE, NO, YES, Context, negation

ROLE = "arn:aws:iam::111111111111:role/team/deploy"


def holds(operator, values, found, **context):
    keys = {} if found is None else {"k": (found,) if isinstance(found, str) else tuple(found)}
    condition = Condition(operator, "K", (values,) if isinstance(values, str) else tuple(values))
    return condition.holds(Context.of(keys | context))


@pytest.mark.parametrize(
    ("operator", "values", "found", "expected"),
    [
        ("StringEquals", "a", "a", YES),
        ("StringEquals", "a", "A", NO),
        ("StringEquals", ["a", "b"], "b", YES),
        ("StringEquals", "a*", "ab", NO),
        ("StringEquals", "a*", "a*", YES),
        ("StringNotEquals", "a", "b", YES),
        ("StringNotEquals", ["a", "b"], "b", NO),
        ("StringEqualsIgnoreCase", "Dev", "dEV", YES),
        ("StringNotEqualsIgnoreCase", "Dev", "dEV", NO),
        ("StringLike", "home/?/*", "home/b/c/d", YES),
        ("StringLike", "home/?/*", "home/bb/c", NO),
        ("StringNotLike", "home/*", "tmp/x", YES),
        ("stringlike", "a*", "ab", YES),
        ("NumericEquals", "10", "10.0", YES),
        ("NumericNotEquals", "10", "11", YES),
        ("NumericLessThan", "10", "9.5", YES),
        ("NumericLessThan", "10", "10", NO),
        ("NumericLessThanEquals", "10", "10", YES),
        ("NumericGreaterThan", "-1", "0", YES),
        ("NumericGreaterThanEquals", "3600", "3599", NO),
        ("NumericEquals", "ten", "10", MAYBE),
        ("NumericNotEquals", "10", "ten", MAYBE),
        ("DateLessThan", "2027-01-31T00:00:00Z", "2027-01-30T23:59:59Z", YES),
        ("DateLessThan", "2027-01-31T00:00:00Z", "2027-01-31T00:00:00Z", NO),
        ("DateEquals", "2027-01-31T01:00:00+01:00", "2027-01-31T00:00:00Z", YES),
        ("DateEquals", "2027-01-31T00:00:00.5Z", "2027-01-31T00:00:00.50Z", YES),
        ("DateEquals", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z", YES),
        ("DateGreaterThan", "2020", "1600000000", YES),
        ("DateGreaterThanEquals", "2027-02", "2027-02-01", YES),
        ("DateNotEquals", "2027-01-31", "2027-01-31T00:00Z", NO),
        ("DateLessThan", "2027-13-01", "2027-01-01", MAYBE),
        ("Bool", "true", "True", YES),
        ("Bool", "false", "true", NO),
        ("Bool", "yes", "true", MAYBE),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", YES),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", NO),
        ("IpAddress", "203.0.113.0/24", "203.0.113.7", YES),
        ("IpAddress", "203.0.113.0/24", "203.0.114.7", NO),
        ("IpAddress", "203.0.113.7", "203.0.113.7", YES),
        ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", YES),
        ("IpAddress", "::/0", "203.0.113.7", NO),
        ("NotIpAddress", "203.0.113.0/24", "203.0.114.7", YES),
        ("IpAddress", "203.0.113.300", "203.0.113.7", MAYBE),
        ("ArnLike", "arn:aws:iam::*:role/team/*", ROLE, YES),
        ("ArnEquals", "arn:aws:iam::*:role/team/*", ROLE, YES),
        ("ArnLike", "arn:aws:iam:*:role/team/*", ROLE, NO),
        ("ArnLike", "arn:aws:iam::*:role/team/*", "deploy", NO),
        ("ArnNotLike", "arn:aws:iam::*:role/team/*", ROLE, NO),
        ("ArnNotEquals", "arn:aws:iam::222222222222:role/*", ROLE, YES),
        ("Null", "true", "x", NO),
        ("Null", "false", "x", YES),
        ("StringEqual", "a", "a", MAYBE),
        ("ForSomeValues:StringEquals", "a", "a", MAYBE),
        ("NullIfExists", "true", "a", MAYBE),
    ],
)
def test_one_value(operator, values, found, expected):
    assert holds(operator, values, found) is expected


POSITIVE = [name for name in NAMES if "Not" not in name and name != "Null"]
NEGATED = [name for name in NAMES if "Not" in name]


@pytest.mark.parametrize("operator", POSITIVE)
def test_an_absent_key_satisfies_no_positive_operator(operator):
    assert holds(operator, "1", None) is NO


@pytest.mark.parametrize("operator", NEGATED)
def test_an_absent_key_satisfies_every_negated_operator(operator):
    assert holds(operator, "1", None) is YES


@pytest.mark.parametrize("operator", POSITIVE + NEGATED)
def test_if_exists_and_for_all_values_hold_for_an_absent_key(operator):
    assert holds(f"{operator}IfExists", "1", None) is YES
    assert holds(f"ForAllValues:{operator}", "1", None) is YES
    assert holds(f"ForAnyValue:{operator}IfExists", "1", None) is YES


@pytest.mark.parametrize("operator", POSITIVE + NEGATED)
def test_for_any_value_does_not_hold_for_an_absent_key(operator):
    assert holds(f"ForAnyValue:{operator}", "1", None) is NO


@pytest.mark.parametrize(("value", "expected"), [("true", YES), ("false", NO), ("TRUE", YES)])
def test_null_asks_whether_the_key_is_absent(value, expected):
    assert holds("Null", value, None) is expected
    assert holds("Null", value, []) is expected
    assert holds("Null", value, "x") is negation(expected)


@pytest.mark.parametrize(
    ("operator", "found", "expected"),
    [
        pytest.param("ForAllValues:StringEquals", ["a"], YES, id="all: one listed"),
        pytest.param("ForAllValues:StringEquals", ["a", "b"], YES, id="all: each listed"),
        pytest.param("ForAllValues:StringEquals", ["a", "c"], NO, id="all: one is not"),
        pytest.param("ForAllValues:StringEquals", [""], YES, id="all: an empty text is no value"),
        pytest.param("ForAnyValue:StringEquals", ["c", "b"], YES, id="any: one listed"),
        pytest.param("ForAnyValue:StringEquals", ["c"], NO, id="any: none listed"),
        pytest.param("ForAnyValue:StringEquals", [""], NO, id="any: an empty text is no value"),
        pytest.param("ForAllValues:StringNotEquals", ["c", "d"], YES, id="all negated: none listed"),
        pytest.param("ForAllValues:StringNotEquals", ["c", "a"], NO, id="all negated: one listed"),
        pytest.param("ForAnyValue:StringNotEquals", ["a", "c"], YES, id="any negated: one is not listed"),
        pytest.param("ForAnyValue:StringNotEquals", ["a", "b"], NO, id="any negated: each listed"),
        pytest.param("StringEquals", ["a", "b"], MAYBE, id="no set operator: each is listed"),
        pytest.param("StringEquals", ["c", "d"], NO, id="no set operator: none is listed"),
        pytest.param("StringNotEquals", ["c", "d"], MAYBE, id="no set operator, negated: none is listed"),
        pytest.param("StringEquals", ["a", "c"], MAYBE, id="no set operator: they differ"),
    ],
)
def test_several_values(operator, found, expected):
    assert holds(operator, ["a", "b"], found) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        pytest.param("StringEquals", "${aws:username}", YES, id="string"),
        pytest.param("StringLike", "${aws:username}*", YES, id="beside a wildcard"),
        pytest.param("StringEquals", "${AWS:UserName}", YES, id="names are compared without case"),
        pytest.param("StringNotEquals", "${aws:username}", NO, id="negated"),
        pytest.param("StringEquals", "${nobody, 'bob'}", YES, id="default"),
        pytest.param("StringEquals", "${nobody}", NO, id="unresolved"),
        pytest.param("StringNotEquals", "${nobody}", YES, id="unresolved and negated"),
    ],
)
def test_variables(operator, value, expected):
    assert holds(operator, value, "bob", **{"aws:username": ("bob",)}) is expected


@pytest.mark.parametrize("value", ["${*}", "${?}", "${$}"])
def test_escapes_match_one_character(value):
    assert holds("StringLike", value, value[2]) is YES
    assert holds("StringLike", value, "x") is NO


@pytest.mark.parametrize("value", ["${", "${}", "$", "${a", "${'a}"])
def test_text_without_a_variable_is_plain(value):
    assert holds("StringEquals", value, value) is YES


def test_numbers_have_no_variables():
    assert holds("NumericEquals", "${aws:x}", "1", **{"aws:x": ("1",)}) is MAYBE


def test_a_key_that_may_be_present_leaves_every_operator_open():
    context = Context(complete=False)
    for name in [*POSITIVE, *NEGATED, "Null"]:
        assert Condition(name, "k", ("1",)).holds(context) is MAYBE


def test_null_with_both_answers_needs_no_key():
    assert Condition("Null", "k", ("true", "false")).holds(Context(complete=False)) is YES


def test_a_hidden_key_is_present():
    context = Context.of({}, hidden=frozenset({"k"}))
    assert Condition("Null", "K", ("false",)).holds(context) is YES
    assert Condition("StringEqualsIfExists", "K", ("a",)).holds(context) is MAYBE


@given(st.sampled_from([*POSITIVE, *NEGATED]), st.text("01a.", max_size=3), st.text("01a.", max_size=3))
def test_a_negated_operator_gives_the_opposite(operator, value, found):
    positive = operator.replace("Not", "")
    if positive == operator or positive not in NAMES:
        return
    assert holds(operator, value, found) is negation(holds(positive, value, found))


@given(st.sampled_from([*POSITIVE, *NEGATED]), st.lists(st.text("01a", max_size=2), max_size=3), st.randoms())
def test_order_of_values_does_not_matter(operator, values, random):
    shuffled = random.sample(values, len(values))
    assert holds(operator, values, "1") is holds(operator, shuffled, "1")


def test_every_operator_has_its_parts():
    assert all(operator_named(name) for name in NAMES)
    assert len(NAMES) == len(set(NAMES)) == 27
