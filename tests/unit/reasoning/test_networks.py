"""Address blocks are intervals of one line; versions never meet."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.reasoning.sets.intervals import address_text, addresses_in, all_addresses

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
def test_what_is_no_block_has_no_addresses(text):
    assert addresses_in(text) is None


def test_both_versions_are_on_the_line():
    everything = addresses_in("0.0.0.0/0") | addresses_in("::/0")
    assert everything == all_addresses()
