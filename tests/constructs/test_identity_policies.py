"""The policies of an identity have exactly its statements, within every quota, in any order."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access_constructs.synthesis.identity import identity_policies
from keywright.policy.compaction import MANAGED_QUOTA, document_size
from keywright.policy.quotas import INLINE
from keywright.policy.statement import Effect, Statement
from tests.constructs.synthesis import PATH, new_stack, properties


def long_statement(length, effect=Effect.ALLOW, number=0):
    resource = f"arn:aws:s3:::reports/{number}/{'x' * length}"
    return Statement(effect=effect, actions=("s3:GetObject",), resources=(resource,))


def some(effect, most):
    one = st.builds(long_statement, st.integers(0, 300), st.just(effect), st.integers(0, 10_000))
    return st.lists(one, max_size=most)


allowed = some(Effect.ALLOW, 60)
mixed = st.builds(list.__add__, some(Effect.DENY, 5), allowed)


def own(given_statements, quota=INLINE["group"].default, **more):
    """Return the inline documents and the managed ones, by name, of an identity."""
    stack = new_stack()
    owned = identity_policies(
        stack,
        kind="Group",
        name="readers",
        path=PATH,
        statements=given_statements,
        inline_quota=quota,
        **more,
    )
    managed = properties(stack, "AWS::IAM::ManagedPolicy") if len(owned.managed_policy_arns) else {}
    documents = {each["ManagedPolicyName"]: each["PolicyDocument"] for each in managed.values()}
    return [each["PolicyDocument"] for each in owned.policies], documents


def permissions_of(*documents):
    """Split policies into single permissions."""
    return {
        (each["Effect"], action, resource, str(each.get("Condition")))
        for document in documents
        for each in document["Statement"]
        for action in several(each["Action"])
        for resource in several(each["Resource"])
    }


def several(value):
    return [value] if isinstance(value, str) else value


def as_granted(statements):
    return permissions_of({"Statement": [each.to_json() for each in statements]})


@settings(max_examples=25, deadline=None)
@given(given_statements=mixed)
def test_the_documents_have_exactly_the_statements_and_fit_the_quota(given_statements):
    inline, managed = own(given_statements)
    assert permissions_of(*inline, *managed.values()) == as_granted(given_statements)
    assert sum(map(document_size, inline)) <= INLINE["group"].default
    assert all(document_size(document) <= MANAGED_QUOTA for document in managed.values())
    assert all(each["Effect"] == "Allow" for document in managed.values() for each in document["Statement"])


@settings(max_examples=15, deadline=None)
@given(given_statements=mixed, seed=st.integers(), quota=st.sampled_from([600, INLINE["group"].default]))
def test_the_order_of_grants_has_no_effect(given_statements, seed, quota):
    shuffled = random.Random(seed).sample(given_statements, len(given_statements))
    assert policies_or_refusal(given_statements, quota) == policies_or_refusal(shuffled, quota)


def policies_or_refusal(given_statements, quota):
    try:
        return own(given_statements, quota=quota)
    except ValueError as refused:
        return str(refused)


@settings(max_examples=15, deadline=None)
@given(given_statements=allowed, more=allowed.filter(bool))
def test_a_new_statement_moves_no_other_while_no_policy_is_full(given_statements, more):
    before, after = own(given_statements, quota=600)[1], own([*given_statements, more[0]], quota=600)[1]
    if (
        before
        and before.keys() == after.keys()
        and all(document_size(each) < 5_000 for each in after.values())
    ):
        for name, document in before.items():
            assert permissions_of(document) <= permissions_of(after[name])


def test_many_prefixes_need_the_fewest_policies():
    prefixes = [
        Statement(
            actions=("s3:GetObject", "s3:PutObject"), resources=(f"arn:aws:s3:::reports/{number:04}/*",)
        )
        for number in range(340)
    ]
    inline, managed = own(prefixes)
    characters = sum(map(document_size, managed.values()))
    assert inline == []
    assert len(managed) == -(-characters // MANAGED_QUOTA) == 2


def test_statements_that_fit_are_one_inline_policy():
    assert own([Statement(actions=("s3:ListBucket",), resources=("arn:aws:s3:::reports",))]) == (
        [
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports"}
                ],
            }
        ],
        {},
    )


def test_without_statements_there_is_no_policy():
    assert own([]) == ([], {})


@pytest.mark.parametrize(
    ("given_statements", "more", "message"),
    [
        pytest.param(
            [long_statement(7000)],
            {},
            "the grants of `readers` do not fit its policies; found 7118 characters; accepted: 10 managed policies of 6144 characters, no statement longer than one",
            id="one statement too long",
        ),
        pytest.param(
            [long_statement(3000)],
            {"managed_policy_arns": ["arn:aws:iam::aws:policy/A"] * 10},
            "the grants of `readers` do not fit its policies; found 3118 characters; accepted: 0 managed policies of 6144 characters, no statement longer than one",
            id="no quota left",
        ),
        pytest.param(
            [long_statement(3000, Effect.DENY)],
            {},
            "the Deny statements of `readers` exceed its inline quota; found 3117 characters; accepted: at most 2048",
            id="denials too long",
        ),
    ],
)
def test_refuses(given_statements, more, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        own(given_statements, INLINE["user"].default, **more)


@pytest.mark.parametrize("path", ["reports", "/reports", "reports/", "/re ports/", "", f"/{'x' * 511}/"])
def test_refuses_an_invalid_path(path):
    permissions_of = f"the path of `readers` is malformed; found `{path}`; accepted: such as `/reports/`"
    with pytest.raises(ValueError, match=re.escape(permissions_of)):
        identity_policies(
            new_stack(), kind="Group", name="readers", path=path, statements=(), inline_quota=1000
        )


@pytest.mark.parametrize("path", ["/", "/reports/", "/a/b/", "${Token[TOKEN.7]}"])
def test_accepts_a_path_and_unresolved_values(path):
    identity_policies(new_stack(), kind="Group", name="readers", path=path, statements=(), inline_quota=1000)


def test_refuses_a_document_where_a_statement_belongs():
    with pytest.raises(
        ValueError, match="a grant of `readers` is not a statement; found `dict`; accepted: `Stat"
    ):
        own([{"Effect": "Allow"}])
