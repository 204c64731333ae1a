"""Laws of parsing policies: nothing is lost and nothing crashes, for any input."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.policy.conditions import NAMES
from keywright.policy.parsing.documents import parse_document, read_document
from keywright.policy.parsing.elements import ELEMENTS
from keywright.policy.parsing.json_text import JsonText, escaped, read_json
from keywright.policy.statement import Kind
from keywright.reasoning.evaluation.batch import Case, CaseReader
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reporting.finding import Finding, Location
from tests.laws.random_policies import cases, documents

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6)
WORDS = st.sampled_from(
    ["Allow", "Deny", "*", "s3:*", "${aws:username}", "${", "arn:aws:s3:::*", "true", "2012-10-17"]
)
OBJECTS = st.recursive(
    SCALARS | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*ELEMENTS, "Statement", "Version", "AWS", *NAMES, "k"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(documents() | documents(named=True), st.sampled_from(Kind))
def test_written_and_read_again_a_document_is_the_same(value, kind):
    read, _ = parse_document(value, file="p", kind=kind)
    if read.unread:
        return
    again, findings = parse_document(read.to_json(), file="p", kind=kind)
    assert again == read
    assert parse_document(again.to_json(), file="p", kind=kind) == (again, findings)


@settings(max_examples=50, deadline=None)
@given(documents(), st.integers(0, 4))
def test_layout_of_the_text_does_not_matter(value, indent):
    read, findings = read_document(json.dumps(value, indent=indent), "p")
    parsed, told = parse_document(value, file="p")
    assert read == parsed
    assert [replace(each, location=Location("p")) for each in findings] == [
        replace(each, location=Location("p")) for each in told
    ]


@settings(max_examples=50, deadline=None)
@given(documents())
def test_one_statement_alone_is_a_list_of_one(value):
    statement = value["Statement"]
    if isinstance(statement, dict):
        listed = parse_document(value | {"Statement": [statement]}, file="p")[0]
        assert listed == parse_document(value, file="p")[0]


@settings(deadline=None)
@given(
    OBJECTS
    | st.fixed_dictionaries({"Version": st.just("2012-10-17"), "Statement": st.lists(OBJECTS, max_size=3)})
)
def test_any_json_is_read_or_reported(value):
    for kind in Kind:
        read, findings = parse_document(value, file="p", kind=kind)
        assert all(isinstance(each, Finding) and str(each).isprintable() for each in findings)
        assert findings or not read.unread
        for statement in read.statements:
            statement.covers_action("s3:getobject")


@settings(deadline=None)
@given(st.text(max_size=80) | st.text('{}[]",:01 ensu\\', max_size=60))
def test_any_text_is_read_or_reported(text):
    value, findings = read_json(JsonText(text, "p"))
    try:
        wanted = json.loads(text)
    except ValueError:
        assert value is None
        assert findings
    else:
        assert findings or value == wanted


@settings(deadline=None, max_examples=60)
@given(cases(), st.data())
def test_an_invalid_case_is_reported_and_others_are_answered(case, data):
    text = json.dumps(case)
    at = data.draw(st.integers(0, len(text) - 1))
    broken = (
        text[:at] + data.draw(st.sampled_from(["", '"', "{", "]", "5", "null", "\x00", "é"])) + text[at + 1 :]
    )
    read = CaseReader().read(broken, "cases.jsonl", 3)
    assert isinstance(read, Case)
    assert (read.request is None) is bool(read.findings)
    assert all(each.location.file == "cases.jsonl" and each.location.line == 3 for each in read.findings)
    if read.request is not None:
        assert evaluate(read.request, read.policies).because


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["principal", "action", "resource", "context", "identity_policies"]), OBJECTS
    )
)
def test_any_object_is_a_case_or_reported(value):
    read = CaseReader().read(json.dumps(value), "cases.jsonl", 1)
    assert (read.request is None) is bool(read.findings)
    if read.request is not None:
        assert evaluate(read.request, read.policies).because


PLAIN = st.recursive(
    st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


def places(value, pointer=""):
    """List every pointer of a value with what stands there."""
    yield pointer, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, f"{pointer}/{escaped(str(key))}")


@settings(deadline=None)
@given(PLAIN, st.sampled_from([None, 0, 2]))
def test_every_pointer_leads_to_its_value(value, indent):
    source = JsonText(json.dumps(value, indent=indent, ensure_ascii=False), "p")
    wanted = dict(places(value))
    lines = source.text.split("\n")
    for pointer, location in source.locate(wanted).items():
        rest = "\n".join([lines[location.line - 1][location.column - 1 :], *lines[location.line :]])
        assert json.JSONDecoder().raw_decode(rest)[0] == wanted[pointer]
