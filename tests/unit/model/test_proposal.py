"""A written proposal is read back as the same value, whatever text it contains, and has no terminal control characters."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from keywright.model.source.yaml_writing import written

texts = st.text(max_size=40) | st.sampled_from(
    ["yes", "null", "2027-01-31", "a: b", "- x", "Köln", "\u202eevil", "x" * 900]
)
names = st.text(min_size=1, max_size=10)


@given(
    names, texts, st.lists(st.fixed_dictionaries({"bucket": texts, "levels": st.just(("read",))}), max_size=3)
)
def test_a_written_proposal_is_read_back(name, because, grants):
    text = written("roles", {name: {"because": because, "grants": grants}})
    expected = {"because": because, "grants": [{**each, "levels": ["read"]} for each in grants]}
    if not grants:
        del expected["grants"]
    assert yaml.safe_load(text) == {"roles": {name: expected}}
    assert all(line.isprintable() for line in text.split("\n"))
