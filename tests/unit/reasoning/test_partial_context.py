"""A request with unknown keys is decided only where they do not matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.policy.matching.context import Context
from keywright.policy.parsing.documents import parse_document
from keywright.reasoning.evaluation.evaluate import Policies, evaluate
from keywright.reasoning.evaluation.request import ALWAYS_PRESENT_KEYS, Request
from tests.unit.reasoning.policies import ACTION, RESOURCE, SESSION, USER, allow, deny, document, statement

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
TLS = {"Bool": {"aws:SecureTransport": "false"}}


def decide(who, *documents, **known):
    return evaluate(Request.partial(who, ACTION, RESOURCE, known), Policies(identity=documents))


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param((allow(Condition=MFA),), "undecided", id="a key that may be present"),
        pytest.param((allow(Condition=MFA), allow()), "allowed", id="allowed without it"),
        pytest.param((allow(), deny(Condition=TLS)), "undecided", id="a value that is not known"),
        pytest.param((deny(), allow(Condition=MFA)), "explicitly-denied", id="denied without it"),
        pytest.param(
            (allow(Condition={"Null": {"aws:SecureTransport": "false"}}),), "allowed", id="surely present"
        ),
        pytest.param(
            (allow(Condition={"Null": {"aws:username": "false"}}),), "allowed", id="told by the principal"
        ),
        pytest.param((allow("s3:*", Condition=MFA),), "implicitly-denied", id="another action"),
    ],
)
def test_a_user(documents, expected):
    assert decide(USER, *documents).name == expected


def test_a_session_surely_has_no_user_name():
    assert decide(SESSION, allow(Condition={"Null": {"aws:username": "true"}})).name == "allowed"


def test_what_is_undecided_is_named():
    found = decide(USER, document(statement("Allow", Condition=MFA), statement("Deny", Condition=TLS)))
    assert found.because == (
        "the condition `Bool` on `aws:MultiFactorAuthPresent` cannot be evaluated;"
        " the condition `Bool` on `aws:SecureTransport` cannot be evaluated"
    )
    assert [str(ground) for ground in found.grounds] == [
        "identity-based policy 1 /Statement/0",
        "identity-based policy 1 /Statement/1",
    ]


KEYS = ["aws:PrincipalTag/a", "aws:PrincipalTag/b", "aws:SecureTransport"]
OPERATORS = ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "ForAnyValue:StringLike", "Null"]
CONDITIONS = st.dictionaries(
    st.sampled_from(OPERATORS),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["true", "x", "*"])),
    max_size=2,
)
STATEMENTS = st.builds(
    lambda effect, condition: statement(effect, Condition=condition),
    st.sampled_from(["Allow", "Deny"]),
    CONDITIONS,
)
VALUES = st.sampled_from([(), ("true",), ("x",), ("x", "y")])


@given(
    st.lists(STATEMENTS, min_size=1, max_size=3),
    st.fixed_dictionaries(dict.fromkeys(KEYS, VALUES)),
    st.data(),
)
def test_knowing_more_never_changes_what_was_decided(statements, values, data):
    if not values["aws:SecureTransport"]:
        values["aws:SecureTransport"] = ("true",)  # no request lacks it
    known = {key: values[key] for key in data.draw(st.sets(st.sampled_from(KEYS)))}
    read, _ = parse_document({"Version": "2012-10-17", "Statement": statements}, file="x")
    policies = Policies(identity=(read,))
    partial = evaluate(Request.partial(USER, ACTION, RESOURCE, known), policies)
    whole = evaluate(Request(USER, ACTION, RESOURCE, Context.of(values)), policies)
    assert partial.name in (whole.name, "undecided")


def test_keys_of_every_request_are_in_lower_case():
    assert all(key == key.lower() for key in ALWAYS_PRESENT_KEYS)
