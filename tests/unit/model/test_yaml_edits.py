"""An edit changes one value and no other character, in every layout, or nothing at all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.model.source.yaml_edits import Drop, Put, Spread, UneditableError, edited
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain

RETIRING = Put(("users", "b", "retiring"), {"since": date(2026, 11, 24), "because": "it was never used"})
EDITED = {
    "a key in a block": (
        "users:\n  a: {x: 1}\n  b:\n    groups:\n      - g # own\n    # after\n  c: {x: 1}\n",
        RETIRING,
        (
            "users:\n  a: {x: 1}\n  b:\n    groups:\n      - g # own\n"
            "    retiring: {since: 2026-11-24, because: it was never used}\n    # after\n  c: {x: 1}\n"
        ),
    ),
    "a key in braces": (
        "users: {b: {x: [1, 2]}}\n",
        RETIRING,
        "users: {b: {x: [1, 2], retiring: {since: 2026-11-24, because: it was never used}}}\n",
    ),
    "a key at the end without a line end": (
        "users:\r\n  b:\r\n    x: 1",
        RETIRING,
        "users:\r\n  b:\r\n    x: 1\r\n    retiring: {since: 2026-11-24, because: it was never used}\r\n",
    ),
    "a key after a text of several lines": (
        "users:\n  b:\n    x: |\n      one\n      two\n  c: {x: 1}\n",
        RETIRING,
        (
            "users:\n  b:\n    x: |\n      one\n      two\n"
            "    retiring: {since: 2026-11-24, because: it was never used}\n  c: {x: 1}\n"
        ),
    ),
    "a value that is there": (
        "users: {s: {status: active, n: 1}}\n",
        Put(("users", "s", "status"), "inactive"),
        "users: {s: {status: inactive, n: 1}}\n",
    ),
    "an entry in the middle": (
        "users:\n  # first\n  a:\n    x: 1\n  b:\n    y: [1]\n    # of b\n\n  # of c\n  c: {x: 1}\n",
        Drop(("users", "b")),
        "users:\n  # first\n  a:\n    x: 1\n\n  # of c\n  c: {x: 1}\n",
    ),
    "the last entry of a section": (
        "users:\n  a:\n    x: 1\nroles: {r: {x: 1}}\n",
        Drop(("users", "a")),
        "roles: {r: {x: 1}}\n",
    ),
    "the last entry of a file": ("# ours\nusers:\n  a:\n    x: 1\n", Drop(("users", "a")), "# ours\n"),
    "an entry in braces": ("users: {a: {x: 1}, b: {x: 1}}\n", Drop(("users", "b")), "users: {a: {x: 1}}\n"),
    "the first entry in braces": ("users: {a: {x: 1}, b: 1}\n", Drop(("users", "a")), "users: {b: 1}\n"),
    "an item of its own line": (
        "k:\n  - {s: 1}\n  - {s: 2} # two\n",
        Drop(("k", 1)),
        "k:\n  - {s: 1}\n",
    ),
    "an item that becomes two": (
        "k:\n  - 'a:*' # all\n  - b\n",
        Spread(("k", 0), ("a:Get", "a:List*")),
        "k:\n  - a:Get # all\n  - a:List*\n  - b\n",
    ),
    "an item in brackets that becomes two": (
        "k: [b, 'a:*']\n",
        Spread(("k", 1), ("a:Get", "a:List*")),
        "k: [b, a:Get, a:List*]\n",
    ),
    "the only item": ("u:\n  k: [{s: 1}]\n  x: 1\n", Drop(("u", "k", 0)), "u:\n  x: 1\n"),
}


@pytest.mark.parametrize(("text", "edit", "expected"), EDITED.values(), ids=EDITED)
def test_changes_nothing_else(text: str, edit: Put | Drop | Spread, expected: str) -> None:
    assert edited(text, [edit]) == expected


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        pytest.param("users: {b: }\n", RETIRING, id="a thing without a value"),
        pytest.param("users: {b: {}}\n", RETIRING, id="an empty mapping"),
        pytest.param("users: {a: {x: 1}}\n", RETIRING, id="no such thing"),
        pytest.param("users: {a: &x {x: 1}, b: *x}\n", Drop(("users", "a")), id="an alias"),
    ],
)
def test_leaves_what_it_cannot_edit(text: str, edit: Put | Drop) -> None:
    with pytest.raises(UneditableError):
        edited(text, [edit])


NAMES = st.sampled_from(["a", "b", "c-d", "e.f"])
VALUES = st.sampled_from(
    ["{x: 1}", "\n      x: 1\n      y: [1, 2] # why", "\n      - {s: 1}\n      - s: 2\n        t: 3"]
)


@settings(max_examples=60)
@given(
    st.dictionaries(NAMES, st.tuples(VALUES, st.booleans()), min_size=1),
    st.data(),
)
def test_what_remains_is_what_was_meant(entries: dict[str, tuple[str, bool]], data: st.DataObject) -> None:
    lines = [
        f"{'    # above ' + name + chr(10) if commented else ''}    {name}:{'' if value[0] == chr(10) else ' '}{value}\n"
        for name, (value, commented) in entries.items()
    ]
    text = f"users:\n{''.join(lines)}other: {{x: 1}}\n"
    name = data.draw(st.sampled_from(sorted(entries)))
    after = edited(text, [Drop(("users", name))])
    left = {key: each for key, each in read(text)["users"].items() if key != name}
    assert read(after) == ({"users": left} if left else {}) | {"other": {"x": 1}}
    lines_before = iter(text.splitlines())
    assert all(line in lines_before for line in after.splitlines())


@settings(max_examples=60)
@given(st.lists(VALUES, min_size=2, max_size=5), st.data())
def test_several_at_once_are_the_same_as_one_after_the_other(values: list[str], data: st.DataObject) -> None:
    names = [f"n{index}" for index in range(len(values))]
    lines = [
        f"  {name}:{'' if value[0] == chr(10) else ' '}{value}\n"
        for name, value in zip(names, values, strict=True)
    ]
    text = f"users: # ours\n{''.join(lines)}"
    # Without the lists, which have no keys.
    mappings = [name for name, value in zip(names, values, strict=True) if "- " not in value]
    paths = data.draw(st.lists(st.sampled_from(names), min_size=2, unique=True))
    edits = [
        Put(("users", name, "since"), date(2026, 11, 24))
        if name in mappings and data.draw(st.booleans())
        else Drop(("users", name))
        for name in paths
    ]
    one_by_one = text
    for edit in edits:
        one_by_one = edited(one_by_one, [edit])
    assert edited(text, edits) == one_by_one


def read(text: str) -> dict[str, dict[str, object]]:
    root = parse(text, "").root
    assert root is not None
    value = plain(root)
    assert isinstance(value, dict)
    return value
