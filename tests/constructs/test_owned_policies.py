"""An owner's policies: all its statements, within every quota, wherever they stand, whatever their order."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access_constructs.owned_policies import (
    GROUP_INLINE_QUOTA,
    MANAGED_QUOTA,
    USER_INLINE_QUOTA,
    document_size,
    owned_policies,
)
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


def own(given_statements, quota=GROUP_INLINE_QUOTA, **more):
    """Give the inline documents and the managed ones, by name, that an owner gets."""
    stack = new_stack()
    owned = owned_policies(
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
    return [each["policyDocument"] for each in owned.policies], documents


def listed(document):
    return [str(sorted(each.items(), key=str)) for each in document["Statement"]]


@settings(max_examples=40, deadline=None)
@given(given_statements=mixed)
def test_every_statement_stands_once_and_every_document_fits(given_statements):
    inline, managed = own(given_statements)
    everywhere = [text for document in (*inline, *managed.values()) for text in listed(document)]
    assert sorted(everywhere) == sorted(listed({"Statement": [each.to_json() for each in given_statements]}))
    assert sum(map(document_size, inline)) <= GROUP_INLINE_QUOTA
    assert all(document_size(document) <= MANAGED_QUOTA for document in managed.values())
    assert all(each["Effect"] == "Allow" for document in managed.values() for each in document["Statement"])


@settings(max_examples=20, deadline=None)
@given(given_statements=allowed, seed=st.integers())
def test_order_says_nothing_about_managed_policies(given_statements, seed):
    shuffled = random.Random(seed).sample(given_statements, len(given_statements))
    assert own(given_statements, quota=600)[1] == own(shuffled, quota=600)[1]


@settings(max_examples=20, deadline=None)
@given(given_statements=allowed, more=allowed.filter(bool))
def test_one_more_statement_moves_no_other_while_the_policies_are_enough(given_statements, more):
    before, after = own(given_statements, quota=600)[1], own([*given_statements, more[0]], quota=600)[1]
    if before and before.keys() == after.keys():
        for name, document in before.items():
            assert set(listed(document)) <= set(listed(after[name]))


def test_what_fits_is_one_inline_policy():
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


def test_no_statement_is_no_policy():
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
            id="no place left",
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
        own(given_statements, USER_INLINE_QUOTA, **more)
