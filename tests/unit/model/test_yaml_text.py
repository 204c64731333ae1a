from __future__ import annotations

import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.model.source.yaml_text import DEEPEST, LONGEST_LIST, MOST, MOST_NAMES, parse
from keywright.model.source.yaml_tree import NOTHING, plain


def value(text):
    document = parse(f"x: {text}\n", "f.yaml")
    assert document.findings == []
    return plain(document.root)["x"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".inf", math.inf),
        ("1e3", 1000.0),
        ("1:30", "1:30"),
        ("2027-01-31", "2027-01-31"),
        ('"012"', "012"),
        ("'true'", "true"),
        ("~", NOTHING),
        ("null", NOTHING),
        ("", NOTHING),
        ('""', ""),
        ("a#b", "a#b"),
        ("a # b", "a"),
        ("{y: [1, b]}", {"y": (1, "b")}),
        ("|\n  one\n  two", "one\ntwo\n"),
        ("9" * 30, float("9" * 30)),
    ],
)
def test_reads_scalars_as_yaml_1_2(written, meant):
    assert value(written) == meant
    assert type(value(written)) is type(meant)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(
            "a: b: c",
            [
                (
                    "1:5: a `:` is not allowed here; found `a: b: c`; accepted: quotes around text "
                    "with `: `, a new line, or the missing `:` of the line above"
                )
            ],
            id="two colons",
        ),
        pytest.param(
            "a: [1, 2\nb: 3\n",
            ["2:2: a list is not closed; found `b: 3`; accepted: `,` between items and `]` at the end"],
            id="an open list",
        ),
        pytest.param(
            "a: {b: 1\n",
            ["1:4: a mapping is not closed; found `a: {b: 1`; accepted: `,` between keys and `}` at the end"],
            id="an open mapping",
        ),
        pytest.param(
            "a: 'b\n\n",
            ["1:4: a quote is not closed; found `a: 'b`; accepted: the closing quote"],
            id="an open quote",
        ),
        pytest.param(
            "a:\n\t- b\n",
            ["2:1: a line is indented with a tab; found a tab; accepted: spaces"],
            id="a tab",
        ),
        pytest.param(
            "a: 1\nb\nc: 2\n",
            [
                "2:1: a name has no `:` after it; found `b`; accepted: `name: value`, indented like its neighbours"
            ],
            id="a name alone",
        ),
        pytest.param(
            "a: b\n- c\n",
            [
                "2:1: a line is not indented like its neighbours; found `- c`; accepted: the indentation of the lines above"
            ],
            id="a list in a mapping",
        ),
        pytest.param(
            "a: @b\n",
            ["1:4: a character is not allowed here; found `a: @b`; accepted: quotes around the text"],
            id="a reserved sign",
        ),
        pytest.param(
            'a: "\\q"\n',
            [
                (
                    '1:5: unknown escape sequence; found `a: "\\q"`; accepted: single quotes around '
                    "text with `\\`"
                )
            ],
            id="an unknown escape",
        ),
        pytest.param(
            "a: - b\n",
            ["1:4: a list can't start here; found `a: - b`; accepted: the list on a new line"],
            id="a list on the line of its name",
        ),
        pytest.param(
            "a: *b\n",
            ["1:4: aliases are not allowed; found `*b`; accepted: the part written out"],
            id="an alias",
        ),
        pytest.param(
            "a: &b 1\n",
            ["1:4: anchors are not allowed; found `&b`; accepted: the part without it"],
            id="anchors are",
        ),
        pytest.param(
            "a: !!int 1\nb: !x {}\n",
            [
                (
                    "1:4: tags are not allowed; found `!!int`; accepted: the value only, in quotes "
                    "if it is text"
                ),
                ("2:4: tags are not allowed; found `!x`; accepted: the value only, in quotes if it is text"),
            ],
            id="tags",
        ),
        pytest.param(
            "a:\n  <<: {b: 1}\n",
            ["2:3: merge keys are not allowed; found `<<`; accepted: its keys written out"],
            id="merge keys",
        ),
        pytest.param(
            "1: a\ntrue: b\n? [x]\n: c\n",
            [
                '1:1: a key is not text; found `1`; accepted: `"1"` in quotes',
                '2:1: a key is not text; found `true`; accepted: `"true"` in quotes',
                "3:3: a key is not text; found a list; accepted: a name",
            ],
            id="keys that are not text",
        ),
        pytest.param(
            "a: 0123\n",
            [
                (
                    "1:4: a number starts with zero, which tools read differently; found `0123`; "
                    'accepted: `"0123"` as text, or `123` as a number'
                )
            ],
            id="a leading zero",
        ),
        pytest.param(
            "a: 1\n---\nb: 2\n",
            ["2:1: a second document starts; found `---`; accepted: one document a file"],
            id="a second document",
        ),
    ],
)
def test_reports_each_refused_construct(text, lines):
    assert [str(finding) for finding in parse(text, "f.yaml").findings] == [
        f"f.yaml:{line}" for line in lines
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 900_000, id="open lists"),
        pytest.param("{" * 900_000, id="open mappings"),
        pytest.param("- " * 450_000, id="nested lists"),
        pytest.param("? " * 450_000, id="nested keys"),
        pytest.param("\n".join(" " * depth + "a:" for depth in range(900)), id="deep indentation"),
        pytest.param("a: [" + "x," * (LONGEST_LIST + 1) + "]", id="a long list"),
        pytest.param("".join(f"k{number}: 1\n" for number in range(MOST_NAMES + 1)), id="many names"),
        pytest.param("a: &a [x, x]\n" + "b: *a\n" * MOST, id="aliases"),
        pytest.param("a: 1\n" * (MOST + 1), id="one name again and again"),
        pytest.param("a: " + '"' * 900_001, id="quotes"),
    ],
)
def test_hostile_text_gives_a_finding(text):
    document = parse(text, "f.yaml")
    assert not document.complete
    assert 1 <= len(document.findings) + len(document.duplicates) <= MOST + 1


def test_never_expands_a_billion_laughs_document():
    lines = [
        "a: &a [x, x]",
        *(
            f"{low}: &{low} [*{before}, *{before}]"
            for before, low in zip("abcdefgh", "bcdefghi", strict=True)
        ),
    ]
    document = parse("\n".join(lines), "f.yaml")
    assert plain(document.root)["i"] == (NOTHING, NOTHING)
    assert {finding.message for finding in document.findings} == {
        "anchors are not allowed",
        "aliases are not allowed",
    }


def test_reads_the_deepest_allowed_nesting():
    text = "[" * DEEPEST + "x" + "]" * DEEPEST
    assert parse(text, "f.yaml").findings == []


TEXT = st.text(
    st.sampled_from(string.ascii_letters + string.digits + " \n\t:-[]{}#&*!|>'\"%@`,?~.<=/\\äß€😀")
)


@given(TEXT)
def test_findings_on_any_text_point_inside_the_file(text):
    document = parse(text, "f.yaml")
    lines = text.split("\n")
    for finding in document.findings:
        assert 1 <= finding.location.line <= len(lines)
        assert 1 <= finding.location.column <= len(lines[finding.location.line - 1]) + 1


NAMES = st.text(string.ascii_letters + " äß€", min_size=1, max_size=5)
VALUES = st.recursive(
    st.text(
        st.characters(
            codec="utf-8",
            exclude_categories=("Cs", "Cc"),
            exclude_characters="\x85\u2028\u2029\ufeff\ufffe\uffff",
        )
    ),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def written(data):
    """Write data as flow YAML with everything quoted."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{written(key)}: {written(each)}" for key, each in data.items()) + "}"
    if isinstance(data, tuple):
        return "[" + ", ".join(map(written, data)) + "]"
    return "'" + data.replace("'", "''") + "'"


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4))
def test_written_values_are_read_back(data):
    document = parse(written(data), "f.yaml")
    assert document.findings == []
    assert plain(document.root) == data
