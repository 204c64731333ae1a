"""A raw statement is synthesized as declared, and its Allow expires."""

from __future__ import annotations

from datetime import date

import pytest

from access_constructs.synthesis.accepted_findings import accept_wildcards_with_reasons
from keywright.model.grants.grant import S3Level
from keywright.policy.statement import Effect, Statement
from keywright.statements.grants.raw import raw_statement
from keywright.statements.grants.s3 import S3Grant
from tests.constructs.synthesis import new_stack

QUEUE = "arn:aws:sqs:eu-central-1:111111111111:orders"
SOME = {"actions": ["sqs:SendMessage"], "resources": [QUEUE]}


def test_gives_the_declared_statement():
    conditions = {"StringEquals": {"aws:SourceVpc": ("vpc-1",)}}
    assert raw_statement(effect=Effect.ALLOW, **SOME, conditions=conditions) == Statement(
        actions=("sqs:SendMessage",), resources=(QUEUE,), conditions=conditions
    )


def test_keeps_its_own_expiry_where_it_is_earlier():
    own = {"DateLessThan": {"aws:CurrentTime": ("2027-01-01T00:00:00Z",)}}
    statement = raw_statement(effect=Effect.ALLOW, **SOME, conditions=own, until=date(2027, 1, 31))
    assert statement.conditions == own


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"actions": ["sqs:SendMessage"]},
            "a statement names its resources; found no resources",
            id="open",
        ),
        pytest.param(
            {"not_actions": ["iam:*"], "resources": [QUEUE]},
            "a statement names its actions; found all actions but 1; accepted: `actions`",
            id="all but",
        ),
        pytest.param(
            {"actions": ["sqs:SendMessage"], "not_resources": [QUEUE]},
            "a statement names its resources; found all resources but 1",
            id="everywhere but",
        ),
        pytest.param(
            {"actions": ["*"], "resources": [QUEUE]},
            "a statement allows actions of named services; found `*`",
            id="any",
        ),
        pytest.param(
            {"effect": Effect.DENY, **SOME, "until": date(2027, 1, 31)},
            "a Deny cannot expire; found `2027-01-31`",
            id="end",
        ),
        pytest.param(
            {"effect": Effect.DENY}, "a statement names its actions; found no actions", id="no denial"
        ),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        raw_statement(**{"effect": Effect.ALLOW, **arguments})


def accepted(construct):
    found = [entry.data for entry in construct.node.metadata if "ack" in entry.type.lower()]
    return str(found)


@pytest.mark.parametrize(
    ("others", "stays"),
    [
        pytest.param([], True, id="alone"),
        pytest.param(
            S3Grant(bucket_arn="arn:aws:s3:::reports", levels=[S3Level.READ], prefix=None).statements(),
            True,
            id="beside a necessary one",
        ),
        pytest.param(
            [Statement(actions=("s3:*",), resources=("arn:aws:s3:::reports/*",))],
            False,
            id="beside an unnecessary one",
        ),
    ],
)
def test_a_reason_covers_only_the_wildcards_of_its_grant(others, stays):
    stack = new_stack()
    argued = Statement(actions=("s3:GetObjectAcl",), resources=("arn:aws:s3:::reports/*",))
    accept_wildcards_with_reasons(stack, [(argued, "the auditor reads who owns what")], others)
    assert ("IAM5[Resource::arn:aws:s3:::reports/*]" in accepted(stack)) is stays
