"""Patterns: `*` for anything, `?` for one character, whatever the lengths."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.policy.matching.patterns import ANY, ONE, Glob, normalized, pieces

PATTERNS = st.text("ab*?", max_size=12)
TEXTS = st.text("ab*?", max_size=14)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("abc", "abc", id="literal"),
        pytest.param("*", "", id="anything matches nothing"),
        pytest.param("a*", "a", id="prefix alone"),
        pytest.param("*c", "abc", id="suffix"),
        pytest.param("a*b*c", "a-b-b-c", id="middle more than once"),
        pytest.param("a?c", "abc", id="one character"),
        pytest.param("a*?c", "abc", id="at least one character"),
        pytest.param("*a?b*", "xxaabaxbyy", id="question mark between stars"),
        pytest.param("*\n*", "a\nb", id="line break"),
        pytest.param("a*", "a" + "é" * 3, id="beyond ASCII"),
    ],
)
def test_matches(pattern, text):
    assert Glob.parse(pattern).matches(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        pytest.param("abc", "ABC", id="case"),
        pytest.param("abc", "abcd", id="longer"),
        pytest.param("a?", "a", id="one character missing"),
        pytest.param("?", "ab", id="one character too many"),
        pytest.param("ab*ba", "aba", id="prefix and suffix overlap"),
        pytest.param("a*b*b", "ab", id="two pieces and one place"),
        pytest.param("[ab]", "a", id="brackets are plain"),
        pytest.param("a.c", "abc", id="a dot is plain"),
    ],
)
def test_does_not_match(pattern, text):
    assert not Glob.parse(pattern).matches(text)


def naive(pattern, text):
    """Match by trying everything."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(naive(pattern[1:], text[skipped:]) for skipped in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and naive(pattern[1:], text[1:])


@given(PATTERNS, TEXTS)
def test_agrees_with_trying_everything(pattern, text):
    assert Glob.parse(pattern).matches(text) == naive(pattern, text)


@given(PATTERNS)
def test_keeps_one_spelling(pattern):
    spelled = normalized(pieces(pattern))
    assert normalized(spelled) == spelled
    assert str(Glob.parse(str(Glob(spelled)))) == str(Glob(spelled))


@given(PATTERNS, TEXTS)
def test_the_one_spelling_means_the_same(pattern, text):
    assert naive(str(Glob.parse(pattern)), text) == naive(pattern, text)


def test_literal_wildcards_are_no_wildcards():
    glob = Glob.of(["a", "*", "b"])
    assert glob.literal == "a*b"
    assert not glob.matches("axb")


def test_runs_of_wildcards_are_equal_in_any_order():
    assert Glob.of([ANY, ONE, ANY, ONE]) == Glob.of([ONE, ONE, ANY])


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        pytest.param("*a" * 5_000 + "*b", "a" * 20_000, id="many stars, no end"),
        pytest.param("*" + "a" * 4_000 + "b*", "a" * 200_000, id="long piece, almost everywhere"),
        pytest.param("*" + "a?" * 2_000 + "b*", "a" * 20_000, id="long piece with question marks"),
        pytest.param("?" * 200_000 + "*", "a" * 199_999, id="question marks, one short"),
        pytest.param("*" * 1_000_000 + "b", "a" * 1_000, id="a million stars"),
    ],
)
def test_hostile_patterns_end_in_time(pattern, text):
    start = time.monotonic()
    assert not Glob.parse(pattern).matches(text)
    assert time.monotonic() - start < 20, "a guard against hanging, generous on purpose"
