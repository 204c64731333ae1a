"""Languages: membership, inclusion, disjointness and emptiness, compared with plain search."""

from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keywright.policy.matching.arn import arn_pattern
from keywright.policy.matching.patterns import Glob, pieces
from keywright.policy.matching.variables import tokens
from keywright.reasoning.sets.emptiness import find_word, is_disjoint, is_subset, some_word, text_of
from keywright.reasoning.sets.languages import Dialect, language, over_approximation, pattern

LETTERS = "ab:"
TEXTS = ["".join(letters) for length in range(6) for letters in product(LETTERS, repeat=length)]
GLOBS = st.text("ab:*?", max_size=5)


def text_pattern(text):
    return pattern(pieces(text))


def arn(text, knows_variables=True):
    return pattern(arn_pattern(text, knows_variables).tokens, Dialect.ARN)


def with_variables(text):
    return pattern(tokens(text, True))


@given(GLOBS, st.text("ab:", max_size=6))
def test_a_text_belongs_as_the_policy_language_says(spelled, text):
    expected = Glob.parse(spelled).matches(text)
    assert text_pattern(spelled).contains(text) is expected
    assert text_pattern(spelled).automaton.accepts(text) is expected


@given(st.lists(st.text("a*?", max_size=2), min_size=1, max_size=6), st.text("a:", max_size=8))
def test_a_resource_belongs_as_the_policy_language_says(fields, text):
    spelled = ":".join(fields)
    expected = arn_pattern(spelled, False).covers(text)
    assert arn(spelled).contains(text) is expected
    assert arn(spelled).automaton.accepts(text) is expected


@given(GLOBS, GLOBS)
def test_inclusion_never_errs_towards_yes(inner, outer):
    """Wider alphabets than the probes' may tell patterns apart; a text of the probes never contradicts."""
    if is_subset(text_pattern(inner), text_pattern(outer)):
        takes = text_pattern(outer).contains
        assert all(takes(text) for text in TEXTS if text_pattern(inner).contains(text))


@given(GLOBS, GLOBS)
def test_inclusion_is_exact(inner, outer):
    one, other = text_pattern(inner), text_pattern(outer)
    assert is_subset(one, other) is (find_word([frozenset({one})], {other}) is None)


@given(GLOBS, GLOBS)
def test_disjointness_is_exact(one, other):
    first, second = text_pattern(one), text_pattern(other)
    if is_disjoint(first, second):
        assert not any(first.contains(text) and second.contains(text) for text in TEXTS)
    else:
        word = find_word([frozenset({first}), frozenset({second})], ())
        assert word is not None
        assert first.contains(text_of(word))
        assert second.contains(text_of(word))


@given(st.lists(st.lists(GLOBS, min_size=1, max_size=2), max_size=2), st.lists(GLOBS, max_size=3))
def test_a_word_is_found_exactly_when_there_is_one(required, excluded):
    unions = [frozenset(map(text_pattern, union)) for union in required]
    barred = [text_pattern(each) for each in excluded]

    def fits(text):
        return all(any(each.contains(text) for each in union) for union in unions) and not any(
            each.contains(text) for each in barred
        )

    for find in (find_word, some_word):
        word = find(unions, barred)
        if word is None:
            assert not any(map(fits, TEXTS))
        else:
            assert fits(text_of(word))


@given(st.lists(GLOBS, min_size=1, max_size=2), st.lists(GLOBS, max_size=3))
def test_fresh_and_ordinary_words_exist_together(required, excluded):
    union, barred = frozenset(map(text_pattern, required)), [text_pattern(each) for each in excluded]
    assert (find_word([union], barred) is None) is (some_word([union], barred) is None)


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        pytest.param("arn:aws:s3:::b/x*", "arn:aws:s3:::b/*", True, id="a prefix of the last field"),
        pytest.param("arn:aws:s3:::b/*", "arn:aws:s3:*:*:b/*", True, id="empty fields are within wildcards"),
        pytest.param(
            "arn:aws:*", "arn:aws:*:*:*:*", False, id="a last field takes what follows, of any form"
        ),
        pytest.param("arn:aws:s3:*:*:*", "arn:aws:s3:*", True, id="fewer fields take all that follows"),
        pytest.param("arn:*:s3:::b", "arn:aws:s3:::b", False, id="a wildcard field is wider"),
        pytest.param("arn:aws:s3:::*:x", "arn:aws:s3:::*", True, id="the last field crosses colons"),
        pytest.param("arn:aws:s3:::b", "*", True, id="everything"),
        pytest.param("*", "arn:*:*:*:*:*", False, id="not every text is an ARN"),
    ],
)
def test_resource_patterns_match_field_by_field(inner, outer, expected):
    assert is_subset(arn(inner), arn(outer)) is expected


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        pytest.param("home/${aws:username}", "home/*", True, id="a variable is within a star"),
        pytest.param("home/${aws:username}", "home/?", False, id="a variable is not one character"),
        pytest.param("home/${aws:username}", "home/bob", False, id="a variable is no literal"),
        pytest.param("home/bob", "home/${aws:username}", False, id="a literal is no variable"),
        pytest.param("home/${aws:username}/x", "home/${aws:username}/*", True, id="the same variable"),
        pytest.param("home/${aws:username}", "home/${aws:userid}", False, id="another variable"),
        pytest.param("${aws:username}", "${aws:username, 'x'}", False, id="another default"),
        pytest.param("${aws:username}${aws:userid}", "${aws:username}*", True, id="two variables"),
    ],
)
def test_a_variable_is_neither_literal_nor_wildcard(inner, outer, expected):
    assert is_subset(with_variables(inner), with_variables(outer)) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("home/${aws:username}/*", "home/bob/*", False, id="the user may be bob"),
        pytest.param("home/${aws:username}/*", "work/*", True, id="another folder"),
        pytest.param("${aws:username}-x", "*-y", True, id="another end"),
        pytest.param("${aws:username}", "${aws:userid}", False, id="two variables may be equal"),
    ],
)
def test_variables_may_hold_anything(one, other, expected):
    assert is_disjoint(with_variables(one), with_variables(other)) is expected


def test_a_variable_that_may_hold_a_colon_proves_nothing_about_fields():
    tagged = "arn:aws:s3:${aws:PrincipalTag/x}:1:y"
    assert not is_subset(arn(tagged), arn("arn:aws:s3:*:1:y"))
    assert is_subset(arn("arn:aws:iam::${aws:PrincipalAccount}:role/x"), arn("arn:aws:iam::*:role/*"))


def test_a_word_may_hold_variables():
    word = find_word([frozenset({with_variables("a${aws:username}")})], ())
    assert text_of(word) is None
    assert over_approximation(with_variables("a${aws:username}")) is text_pattern("a*")


def test_case_is_ignored_where_asked():
    red = language(("red",), Dialect.ANY_CASE)
    assert red.contains("rEd")
    assert not red.contains("reed")
    assert is_subset(red, text_pattern("?*"))
    assert not is_subset(red, text_pattern("r*"))
    assert is_disjoint(red, text_pattern("b*"))


@given(st.text("\ue000\ue001\ue002a*", max_size=4), st.text("\ue000\ue001\ue002a*", max_size=4))
def test_private_use_characters_are_literal(inner, outer):
    one, other = text_pattern(inner), text_pattern(outer)
    assume(one is not other)
    if is_subset(one, other):
        probes = ["".join(letters) for n in range(5) for letters in product("\ue000a\ue001", repeat=n)]
        assert all(other.contains(text) for text in probes if one.contains(text))
