import pytest

from keywright.reporting.text import counted, joined, listed, on_one_line, printable, quoted


def test_printable_text_keeps_its_lines_and_escapes_the_rest():
    assert printable("a\nb\x1b[31m\u202e\r") == "a\nb\\x1b[31m\\u202e\\r"


def test_a_message_stays_on_one_line_and_ends():
    assert on_one_line("a\nb") == "a\\nb"
    assert len(on_one_line("a" * 10_000)) == 601


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("alice", "`alice`", id="plain"),
        pytest.param("a\nb", "`a\\nb`", id="on one line"),
        pytest.param("a" * 80, f"`{'a' * 80}`", id="just as long"),
        pytest.param("a" * 81, f"`{'a' * 79}…`", id="cut"),
        pytest.param("\n" * 79, "`" + "\\n" * 39 + "\\…`", id="cut after it is escaped"),
    ],
)
def test_quotes(text, shown):
    assert quoted(text) == shown


@pytest.mark.parametrize(
    ("names", "options", "shown"),
    [
        pytest.param([], {}, "", id="none"),
        pytest.param([], {"none": "a user"}, "a user", id="none, said"),
        pytest.param(["a"], {"last": "or"}, "a", id="one"),
        pytest.param(["a", "b", "c"], {}, "a, b, c", id="commas"),
        pytest.param(["a", "b"], {"last": "and"}, "a and b", id="two"),
        pytest.param(["a", "b", "c"], {"last": "or"}, "a, b or c", id="three"),
        pytest.param(["a", "b", "c"], {"last": "or", "most": 3}, "a, b or c", id="as many as are shown"),
        pytest.param(["a", "b", "c"], {"last": "or", "most": 1}, "a and 2 more", id="too many"),
        pytest.param(
            ["a", "b", "c"], {"most": 1, "checksum": True}, "a and 2 more (#c0034b50)", id="checksum"
        ),
    ],
)
def test_joins(names, options, shown):
    assert joined(names, **options) == shown
    if "checksum" not in options:
        quoted_names = [f"`{name}`" for name in names]
        assert listed(names, **options) == joined(quoted_names, **options)


@pytest.mark.parametrize(
    ("number", "noun", "shown"),
    [
        (0, "finding", "0 findings"),
        (1, "finding", "1 finding"),
        (2, "policy", "2 policies"),
        (2, "key", "2 keys"),
        (2, "person", "2 people"),
        (1, "advice", "1 piece of advice"),
        (3, "advice", "3 pieces of advice"),
        (2, "access", "2 accesses"),
    ],
)
def test_counts(number, noun, shown):
    assert counted(number, noun) == shown


def test_counts_with_a_plural_that_is_given():
    assert counted(2, "stack of groups", "stacks of groups") == "2 stacks of groups"
