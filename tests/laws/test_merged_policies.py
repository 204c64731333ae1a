"""Merging and splitting policies keeps their meaning, for all statements and in any order."""

from __future__ import annotations

import json
import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.policy.compaction import (
    distribute_statements,
    document_size,
    merge_statements,
    split_statement,
)
from keywright.policy.statement import Document, policy_document
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, compare
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from tests.laws.small_policies import document, keys_of, policies, requests

unhurried = settings(deadline=None, max_examples=40)
ANY = policies(variables=True)


def written(statements):
    return json.dumps(policy_document(*statements))


@unhurried
@given(ANY, st.integers(), st.booleans())
def test_merged_is_the_same_access_in_any_order(value, seed, resources):
    before = document(value)
    after = replace(before, statements=merge_statements(before.statements, resources=resources))
    shuffled = random.Random(seed).sample(before.statements, len(before.statements))
    assert written(merge_statements(shuffled, resources=resources)) == written(after.statements)
    assert len(after.statements) <= len(before.statements)
    for narrower, wider in ((before, after), (after, before)):
        assert not isinstance(compare(narrower, wider), NewAccess)


@unhurried
@given(ANY)
def test_merged_answers_every_request_as_before(value):
    before = document(value)
    after = replace(before, statements=merge_statements(before.statements))
    for request in requests(keys_of(value), most=60):
        answers = [evaluate(request, Policies(identity=(each,))) for each in (before, after)]
        assert type(answers[0]) is type(answers[1])


@unhurried
@given(st.lists(ANY, min_size=1, max_size=2))
def test_parts_together_are_the_whole(values):
    statements = tuple(each for value in values for each in document(value).statements)
    found = distribute_statements(statements, 400, 10)
    if found is None:
        return
    assert all(document_size(policy_document(*share)) <= 400 for share in found.values())
    whole, apart = Document(statements), Document(tuple(each for share in found.values() for each in share))
    assert not isinstance(compare(whole, apart), NewAccess)
    assert not isinstance(compare(apart, whole), NewAccess)


@unhurried
@given(ANY, st.integers(1, 60))
def test_pieces_together_are_the_whole(value, most):
    before = document(value)
    cut = replace(
        before, statements=tuple(piece for each in before.statements for piece in split_statement(each, most))
    )
    assert not isinstance(compare(before, cut), NewAccess)
    assert not isinstance(compare(cut, before), NewAccess)


def test_prefixes_of_one_bucket_become_one_statement():
    statements = document(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": action, "Resource": f"arn:aws:s3:::b/{prefix}/*"}
                for action in ("s3:GetObject", "s3:PutObject")
                for prefix in ("a", "b")
            ],
        }
    ).statements
    (one,) = merge_statements(statements)
    assert (one.actions, one.resources) == (
        ("s3:GetObject", "s3:PutObject"),
        ("arn:aws:s3:::b/a/*", "arn:aws:s3:::b/b/*"),
    )
    assert isinstance(compare(Document(statements), Document((one,))), NoNewAccess)
