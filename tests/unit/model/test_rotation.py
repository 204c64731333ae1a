"""A rotation makes one step in each deployment, and its edit changes only the characters of the key."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.model.people.access_keys import AccessKey
from keywright.model.people.key_rotation import Add, Deactivate, Remove, Stuck, edited, next_step
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain

TODAY = date(2026, 11, 24)


def key(serial, issued="2026-11-01", status="active"):
    return AccessKey(serial=serial, issued=date.fromisoformat(issued), status=status)


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        pytest.param([key(1)], Add(2, TODAY, 0), id="one key: the next serial"),
        pytest.param(
            [key(7), key(3)], Deactivate(3, 1), id="two active, newest first: the older is deactivated"
        ),
        pytest.param(
            [key(3), key(7)], Deactivate(3, 0), id="two active, oldest first: the older is deactivated"
        ),
        pytest.param(
            [key(2), key(1, status="inactive")], Remove(1, 1), id="the older is inactive: it is deleted"
        ),
    ],
)
def test_the_next_step(keys, step):
    assert next_step("scanner", keys, TODAY) == step


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param([], "user `scanner` has no key to rotate", id="no key"),
        pytest.param(
            [key(1, status="inactive")], "the newest key of user `scanner` is inactive", id="one asleep"
        ),
        pytest.param(
            [key(2, status="inactive"), key(1)],
            "the newest key of user `scanner` is inactive",
            id="rolled back to the older",
        ),
        pytest.param(
            [key(2, "2026-11-24"), key(1)],
            "key 2 of user `scanner` is too new to deactivate key 1",
            id="issued today: perhaps not deployed yet",
        ),
    ],
)
def test_refuses_a_step_that_is_not_safe(keys, message):
    stuck = next_step("scanner", keys, TODAY)
    assert isinstance(stuck, Stuck)
    assert stuck.message == message


def test_accepts_a_step_on_the_same_day_when_confirmed():
    assert next_step("scanner", [key(2, "2026-11-24"), key(1)], TODAY, same_day=True) == Deactivate(1, 1)


def test_five_rotations_never_have_three_keys_or_remove_the_only_active_key():
    keys, states = [key(1)], []
    for _ in range(15):
        states.append(keys)
        keys = _after(keys, next_step("scanner", keys, TODAY, same_day=True))
    for before, after in pairwise(states):
        working = [{each.serial for each in state if each.status == "active"} for state in (before, after)]
        assert len(after) <= 2
        assert working[0] & working[1]
    assert [each.serial for each in keys] == [6]


def _after(keys, step):
    match step:
        case Add(serial, issued, beside):
            new = AccessKey(serial=serial, issued=issued)
            return [*keys[:beside], new, *keys[beside:]]
        case Deactivate(_, index):
            return [
                each.model_copy(update={"status": "inactive"}) if at == index else each
                for at, each in enumerate(keys)
            ]
        case Remove(_, index):
            return [each for at, each in enumerate(keys) if at != index]


LAYOUTS = {
    "lines of braces": ("    access_keys:\n", "      - {{{}}} # hall {}\n", ", ", ""),
    "lines of lines": ("    access_keys: # all\n", "    -   {}   # hall {}\n", "\n        ", ""),
    "brackets": ("    access_keys: [", "{{{}}}", ", ", "] # {}\n"),
    "brackets over lines": ("    access_keys: [\n", "      {{{}}},\n", ",\n       ", "    ] # {}\n"),
}


def _written(keys, layout, ending):
    head, item, between, tail = LAYOUTS[layout]
    parts = [
        item.format(between.join(f"{name}: {value}" for name, value in each.items()), at)
        for at, each in enumerate(keys)
    ]
    joined = ", ".join(parts) if layout == "brackets" else "".join(parts)
    text = (
        "# who 🔑\nusers:\n  other: {person: {email: a@b.c}}\n  scanner:\n"
        f"{head}{joined}{tail.format('end')}    # after\n    grants: []\n"
    )
    return text.replace("\n", ending)


@st.composite
def two_states(draw):
    both = draw(st.booleans())
    keys = [{"serial": 4, "issued": "2026-10-01"}]
    if both:
        if draw(st.booleans()):
            keys[0]["status"] = draw(st.sampled_from(["active", "inactive"]))
        keys.insert(draw(st.integers(0, 1)), {"serial": 9, "issued": "2026-11-01"})
    return keys


@settings(max_examples=60)
@given(two_states(), st.sampled_from(sorted(LAYOUTS)), st.sampled_from(["\n", "\r\n"]))
def test_an_edit_changes_only_the_keys_of_the_step(keys, layout, ending):
    text = _written(keys, layout, ending)
    models = [AccessKey.model_validate(each) for each in _plain(text)["users"]["scanner"]["access_keys"]]
    step = next_step("scanner", models, TODAY)
    after = edited(text, "scanner", step)
    changed = _plain(after)
    assert [AccessKey.model_validate(each) for each in changed["users"]["scanner"]["access_keys"]] == _after(
        models, step
    )
    before = _plain(text)
    del before["users"]["scanner"]["access_keys"], changed["users"]["scanner"]["access_keys"]
    assert changed == before
    kept = [line for line in text.split(ending) if "#" in line and "hall" not in line and "[" not in line]
    assert [line for line in kept if line not in after.split(ending)] == []
    assert after.count("\r") == (after.count("\n") if ending == "\r\n" else 0)


def _plain(text):
    document = parse(text, "people.yaml")
    assert document.findings == []
    return plain(document.root)
