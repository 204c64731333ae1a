"""Logical IDs are injective, valid, and never change."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.statements.logical_id import logical_id

kinds = st.from_regex(r"[A-Z][A-Za-z1-9]{0,12}", fullmatch=True)
names = st.text(st.characters(min_codepoint=0, max_codepoint=127), min_size=1, max_size=64)
parts = st.just("") | st.from_regex(r"[A-Z][A-Za-z0-9]{0,8}", fullmatch=True)
places = st.tuples(kinds, names, parts)


@given(one=places, other=places)
def test_two_things_never_share_an_id(one, other):
    assert (logical_id(*one) == logical_id(*other)) == (one == other)


@given(
    kind=kinds,
    name=st.text("0X1aP", min_size=1, max_size=6),
    part=parts,
    other=st.text("0X1aP", min_size=1, max_size=6),
)
def test_names_with_special_characters_stay_distinct(kind, name, part, other):
    assert (logical_id(kind, name, part) == logical_id(kind, other, part)) == (name == other)


@given(place=places)
def test_an_id_is_legal(place):
    assert re.fullmatch(r"[A-Za-z0-9]{1,255}", logical_id(*place))


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param(("User", "alice"), "User0alice", id="plain"),
        pytest.param(("User", "a.b@c"), "User0aX2ebX40c", id="marks"),
        pytest.param(("User", "XaviX58"), "User0X58aviX5858", id="the escape itself"),
        pytest.param(("User", "alice", "Key"), "User0aliceXKey", id="a part"),
        pytest.param(("User", "aliceXKey"), "User0aliceX58Key", id="a name like a part"),
        pytest.param(
            ("Group", "readers.until-2027-01-31"), "Group0readersX2euntilX2d2027X2d01X2d31", id="a twin"
        ),
    ],
)
def test_ids_never_change(place, expected):
    """Changing one of these replaces every identity in every account: a leaver's end for everybody."""
    assert logical_id(*place) == expected


@pytest.mark.parametrize(
    ("place", "message"),
    [
        pytest.param(
            ("User", "zoë"),
            "a declared name is ASCII; found `zoë`; accepted: letters, digits and `+=,.@_-`",
            id="outside ASCII",
        ),
        pytest.param(
            ("user", "alice"),
            "kind and part of a logical id are words with a capital; found `user`, ``; accepted: letters and digits, in the kind no `0`",
            id="no kind",
        ),
        pytest.param(
            ("User", "." * 90),
            "a declared name is too long for a logical id; found 275 characters; accepted: at most 255",
            id="too long",
        ),
    ],
)
def test_refuses(place, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        logical_id(*place)
