"""Builders for evaluation: documents that show only what a case is about."""

from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind

ACCOUNT, OTHER_ACCOUNT = "111111111111", "222222222222"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
USER = f"arn:aws:iam::{ACCOUNT}:user/bob"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/eve"
ACTION, RESOURCE = "sqs:SendMessage", f"arn:aws:sqs:eu-central-1:{ACCOUNT}:orders"


def document(*statements, kind=Kind.IDENTITY, version="2012-10-17"):
    """Read a document that AWS would take."""
    read, findings = parse_document(
        {"Version": version, "Statement": list(statements)}, file="test", kind=kind
    )
    assert findings == []
    return read


def allow(action="*", resource="*", **elements):
    """Make an identity-based document with one Allow."""
    return document(statement("Allow", action, resource, **elements))


def deny(action="*", resource="*", **elements):
    """Make an identity-based document with one Deny."""
    return document(statement("Deny", action, resource, **elements))


def statement(effect, action="*", resource="*", **elements):
    """Make a statement; further elements by their names."""
    return {"Effect": effect, "Action": action, "Resource": resource} | elements


def shared_with(principal, action="*", effect="Allow", **elements):
    """Make a resource-based document with one statement."""
    return document(statement(effect, action, Principal=principal, **elements), kind=Kind.RESOURCE)


def trusting(principal, action="sts:AssumeRole", effect="Allow", **elements):
    """Make a trust policy with one statement."""
    made = {"Effect": effect, "Action": action, "Principal": principal} | elements
    return document(made, kind=Kind.TRUST)


NOTHING_HERE = allow("iam:ListUsers")
"""A policy that says nothing to the requests of these tests."""
