"""Intervals satisfy the laws of sets; address blocks are intervals, and IP versions never overlap."""

from decimal import Decimal
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.reasoning.sets.intervals import (
    EVERY_NUMBER,
    NO_NUMBER,
    Intervals,
    above,
    address_text,
    addresses_in,
    all_addresses,
    below,
    point,
    span,
    union,
)

NUMBERS = st.integers(-3, 3).map(Decimal)
PARTS = st.one_of(
    NUMBERS.map(point),
    st.builds(lambda number, inclusive: below(number, inclusive=inclusive), NUMBERS, st.booleans()),
    st.builds(lambda number, inclusive: above(number, inclusive=inclusive), NUMBERS, st.booleans()),
)
SETS = st.lists(PARTS, max_size=4).map(union)
PROBES = [Decimal(n) / 2 for n in range(-9, 10)]


@given(SETS, SETS)
def test_operations_are_those_of_sets(one, other):
    for number in PROBES:
        assert (number in ~one) is (number not in one)
        assert (number in one & other) is (number in one and number in other)
        assert (number in one | other) is (number in one or number in other)


@given(SETS, SETS)
def test_sets_of_the_same_numbers_are_equal(one, other):
    assert ~(one & other) == ~one | ~other
    assert one & ~one == NO_NUMBER
    assert one | ~one == EVERY_NUMBER


@given(SETS)
def test_a_sample_belongs_and_is_missing_only_from_nothing(each):
    sample = each.sample()
    assert (sample is None) is each.is_empty
    assert sample is None or sample in each


@pytest.mark.parametrize(
    ("numbers", "sample"),
    [
        pytest.param(NO_NUMBER, None, id="nothing"),
        pytest.param(EVERY_NUMBER, 0, id="everything"),
        pytest.param(point(Decimal(7)), 7, id="one number"),
        pytest.param(above(Decimal(7), inclusive=True), 7, id="from a bound on"),
        pytest.param(above(Decimal(7), inclusive=False), 8, id="beyond a bound"),
        pytest.param(below(Decimal(7), inclusive=False), 6, id="before a bound"),
        pytest.param(below(Decimal(7), inclusive=True), 7, id="up to a bound"),
        pytest.param(
            above(Decimal(7), inclusive=False) & below(Decimal(8), inclusive=False),
            Decimal("7.5"),
            id="between two",
        ),
        pytest.param(span(5, 6), 5, id="one integer"),
    ],
)
def test_samples(numbers: Intervals, sample):
    assert numbers.sample() == sample


BLOCKS = st.one_of(
    st.builds(lambda address, length: f"{address}/{length}", st.ip_addresses(v=4), st.integers(0, 32)),
    st.builds(lambda address, length: f"{address}/{length}", st.ip_addresses(v=6), st.integers(0, 128)),
)


@given(BLOCKS, BLOCKS)
def test_blocks_meet_as_networks_do(one, other):
    first, second = ip_network(one, strict=False), ip_network(other, strict=False)
    meets = first.version == second.version and first.overlaps(second)
    assert (not (addresses_in(one) & addresses_in(other)).is_empty) is meets


@given(BLOCKS)
def test_a_sample_is_an_address_of_the_block(block):
    text = address_text(addresses_in(block).sample())
    assert ip_address(text) in ip_network(block, strict=False)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "somewhere", "", "10.0.0"])
def test_an_invalid_block_has_no_addresses(text):
    assert addresses_in(text) is None


def test_both_versions_are_on_the_line():
    everything = addresses_in("0.0.0.0/0") | addresses_in("::/0")
    assert everything == all_addresses()
