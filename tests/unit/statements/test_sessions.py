"""Sessions on instances, as statements: exactly one workload's instances, one document, one's own sessions."""

from __future__ import annotations

from datetime import date

import pytest

from keywright.policy.parsing.documents import parse_document
from keywright.policy.reference.managed_policies import managed_policy_document
from keywright.policy.statement import Statement
from keywright.statements.grants.sessions import (
    SessionGrant,
    session_manager_statements,
    session_wildcard_reason,
)

ACCOUNT = "111111111111"
WHERE = {"partition": "aws", "region": "eu-central-1", "account": ACCOUNT}
SESSIONS = f"arn:aws:ssm:eu-central-1:{ACCOUNT}:session/*"
INSTANCES = f"arn:aws:ec2:eu-central-1:{ACCOUNT}:instance/*"


def granted(**more):
    return SessionGrant(workload="fleet", **WHERE, **more).statements()


def test_a_session_starts_only_on_instances_of_the_workload():
    [on_instances] = [each for each in granted() if INSTANCES in each.resources]
    assert "ssm:StartSession" in on_instances.actions
    assert on_instances.conditions == {"StringEquals": {"aws:ResourceTag/keywright-workload": ("fleet",)}}


def test_no_other_document_than_a_plain_shell():
    documents = [each for one in granted() for each in one.resources if ":document/" in each]
    assert documents == [f"arn:aws:ssm:eu-central-1:{ACCOUNT}:document/SSM-SessionManagerRunShell"]


def test_only_own_sessions_are_resumed_and_terminated():
    [own] = [each for each in granted() if "ssm:TerminateSession" in each.actions]
    assert own.actions == ("ssm:ResumeSession", "ssm:TerminateSession")
    assert own.conditions == {
        "StringEquals": {"ssm:resourceTag/aws:ssmmessages:session-id": ("${aws:userid}",)}
    }


def test_every_statement_expires():
    ends = [each.conditions["DateLessThan"] for each in granted(until=date(2027, 1, 31))]
    assert ends == [{"aws:CurrentTime": ("2027-02-01T00:00:00Z",)}] * 5


def test_an_instance_gets_less_than_the_aws_managed_policy_allows():
    arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    theirs, _ = parse_document(managed_policy_document(arn), file=arn)
    actions = [action for each in session_manager_statements(**WHERE) for action in each.actions]
    assert len(actions) == 5
    assert all(any(each.covers_action(action.lower()) for each in theirs.statements) for action in actions)


def test_a_name_with_a_wildcard_is_refused():
    with pytest.raises(ValueError, match="compared literally"):
        SessionGrant(workload="*", **WHERE).statements()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            Statement(actions=("ssm:TerminateSession",), resources=(SESSIONS,)), id="anybody's session"
        ),
        pytest.param(Statement(actions=("ssm:StartSession",), resources=(INSTANCES,)), id="any instance"),
        pytest.param(Statement(actions=("ssmmessages:*",), resources=("*",)), id="all of a service"),
        pytest.param(Statement(actions=(), resources=("*",)), id="no action"),
    ],
)
def test_other_wildcards_have_no_reason(statement):
    assert session_wildcard_reason(statement, statement.resources[0]) == ""


@pytest.mark.parametrize(
    "statement", [*granted()[2:4], *session_manager_statements(**WHERE)], ids=lambda each: each.actions[0]
)
def test_necessary_wildcards_have_a_reason(statement):
    assert session_wildcard_reason(statement, statement.resources[0])
