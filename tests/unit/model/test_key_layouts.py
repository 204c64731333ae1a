"""In any layout of a file, a key is edited correctly, with every comment on its own line kept, or not at all."""

from __future__ import annotations

from datetime import date

import pytest

from keywright.model.people.access_keys import AccessKey
from keywright.model.people.key_rotation import edited, next_step
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain

TODAY = date(2026, 11, 24)

EDITED = {
    "a list not indented": (
        "users:\n  s:\n    access_keys:\n    - serial: 1\n      issued: 2026-11-01\n    grants: []\n",
        (
            "users:\n  s:\n    access_keys:\n    - serial: 2\n      issued: 2026-11-24\n    - serial: 1\n      issued: 2026-11-01\n"
            "    grants: []\n"
        ),
    ),
    "all in one line": (
        "users: {s: {access_keys: [{serial: 1, issued: 2026-11-01}]}}",
        "users: {s: {access_keys: [{serial: 2, issued: 2026-11-24}, {serial: 1, issued: 2026-11-01}]}}",
    ),
    "JSON": (
        '{"users": {"s": {"access_keys": [\n{"serial": 1, "issued": "2026-11-01"}\n]}}}',
        (
            '{"users": {"s": {"access_keys": [\n'
            '{serial: 2, issued: 2026-11-24}, {"serial": 1, "issued": "2026-11-01"}\n]}}}'
        ),
    ),
    "no end of line": (
        "users:\n  s:\n    access_keys:\n      - {serial: 2, issued: 2026-11-02}\n      - serial: 1\n        issued: 2026-11-01",
        (
            "users:\n  s:\n    access_keys:\n      - {serial: 2, issued: 2026-11-02}\n      - serial: 1\n        issued: 2026-11-01\n"
            "        status: inactive\n"
        ),
    ),
    "document markers": (
        (
            "---\nusers:\n  s:\n    access_keys:\n      - {serial: 2, issued: 2026-11-02}\n"
            "      - serial: 1\n        issued: 2026-11-01\n...\n"
        ),
        (
            "---\nusers:\n  s:\n    access_keys:\n      - {serial: 2, issued: 2026-11-02}\n"
            "      - serial: 1\n        issued: 2026-11-01\n        status: inactive\n...\n"
        ),
    ),
    "braces over lines": (
        (
            "users:\n  s:\n    access_keys:\n      - {serial: 1,   # one\n         issued: 2026-11-01, # x\n        }\n"
            "      - {serial: 2, issued: 2026-11-02}\n"
        ),
        (
            "users:\n  s:\n    access_keys:\n      - {serial: 1,   # one\n         issued: 2026-11-01, status: inactive, # x\n        }\n"
            "      - {serial: 2, issued: 2026-11-02}\n"
        ),
    ),
    "a status in quotes": (
        'users:\n  s:\n    access_keys:\n      - {serial: 2, issued: 2026-11-02}\n      - {status: "active", serial: 1, issued: 2026-11-01,}\n',
        "users:\n  s:\n    access_keys:\n      - {serial: 2, issued: 2026-11-02}\n      - {status: inactive, serial: 1, issued: 2026-11-01,}\n",
    ),
    "a status in a block": (
        (
            "users:\n  s:\n    access_keys:\n      - {serial: 2, issued: 2026-11-02}\n      - serial: 1\n        issued: 2026-11-01\n"
            "        status: >-\n          active\n    grants: []\n"
        ),
        (
            "users:\n  s:\n    access_keys:\n      - {serial: 2, issued: 2026-11-02}\n      - serial: 1\n        issued: 2026-11-01\n"
            "        status: inactive\n    grants: []\n"
        ),
    ),
    "comments in brackets": (
        (
            "users:\n  s:\n    access_keys: [ # all\n      {serial: 1, issued: 2026-11-01, status: inactive}, # one\n"
            "      # the new one\n      {serial: 2, issued: 2026-11-02} # two\n    ]\n"
        ),
        "users:\n  s:\n    access_keys: [ # all\n      # the new one\n      {serial: 2, issued: 2026-11-02} # two\n    ]\n",
    ),
    "the last in brackets": (
        (
            "users:\n  s:\n    access_keys: [\n      {serial: 2, issued: 2026-11-02}, # two\n"
            "      {serial: 1, issued: 2026-11-01, status: inactive} # one\n    ]\n"
        ),
        "users:\n  s:\n    access_keys: [\n      {serial: 2, issued: 2026-11-02}, # two\n    ]\n",
    ),
    "two kinds of line ends": (
        (
            "users:\r\n  s:\n    access_keys:\r\n      - {serial: 2, issued: 2026-11-02}\n      - serial: 1\r\n        issued: 2026-11-01\n"
            "    grants: []\r\n"
        ),
        (
            "users:\r\n  s:\n    access_keys:\r\n      - {serial: 2, issued: 2026-11-02}\n      - serial: 1\r\n        issued: 2026-11-01\n"
            "        status: inactive\r\n    grants: []\r\n"
        ),
    ),
    "an explicit key, in braces": (
        "users:\n  s:\n    ? access_keys\n    : - {serial: 1, issued: 2026-11-01}\n      - {serial: 2, issued: 2026-11-02}\n",
        (
            "users:\n  s:\n    ? access_keys\n    : - {serial: 1, issued: 2026-11-01, status: inactive}\n"
            "      - {serial: 2, issued: 2026-11-02}\n"
        ),
    ),
}


def after(text):
    document = parse(text, "people.yaml")
    assert document.findings == []
    keys = plain(document.root)["users"]["s"]["access_keys"]
    return edited(text, "s", next_step("s", [AccessKey.model_validate(each) for each in keys], TODAY))


@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(*pair, id=layout) for layout, pair in EDITED.items()]
)
def test_edits_a_key_in_place(text, expected):
    assert after(text) == expected


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(
            "    ? access_keys\n    : - serial: 1\n        issued: 2026-11-01\n", id="an explicit key"
        ),
        pytest.param(
            "    access_keys:\n      - # one\n        serial: 1\n        issued: 2026-11-01\n",
            id="a dash on a line of its own",
        ),
    ],
)
def test_leaves_a_layout_that_it_cannot_edit(keys):
    assert after(f"users:\n  s:\n{keys}") is None


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param(
            "      -\tserial: 1\n        issued: 2026-11-01\n",
            "a character is not allowed here",
            id="a tab",
        ),
        pytest.param(
            "      - &one {serial: 1, issued: 2026-11-01}\n", "anchors are not allowed", id="an anchor"
        ),
        pytest.param("      - !!map {serial: 1}\n", "tags are not allowed", id="a tag"),
    ],
)
def test_refuses_yaml_that_parsers_read_differently(keys, message):
    found = parse(f"users:\n  s:\n    access_keys:\n{keys}", "people.yaml").findings
    assert [(each.message, each.location.line) for each in found] == [(message, 4)]
