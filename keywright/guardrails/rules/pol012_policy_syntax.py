"""POL012: policies have valid syntax.

What it checks
    Each statement follows the grammar of the IAM policy language: its elements are known and complete, actions and
    resources are well formed, operators exist and can compare their values.

Why it matters
    CloudFormation reports the error in the middle of a deployment, and rolls back.

Refused
    {Effect: Allow, Action: "s3:GetObject", Resource: reports}
    ---
    {Effect: Allow, Action: "s3:GetObject"}
    ---
    {Effect: Deny, Action: "sts:TagSession", Resource: "arn:aws:*::111111111111:*"}
    ---
    Effect: Allow
    Action: "s3:GetObject"
    Resource: "arn:aws:s3:::reports/*"
    Condition: {IpAddress: {"aws:SourceIp": 300.0.0.1}}

Accepted
    Effect: Allow
    Action: "s3:GetObject"
    Resource: "arn:aws:s3:::reports/*"
    Condition: {IpAddress: {"aws:SourceIp": [192.0.2.0/24, "2001:db8::/32"]}}

Blind to
    Statements that are not fully known before deployment, and what single services refuse in resource-based policies.
    An ARN that ends in one wildcard for several fields (`arn:aws:logs:*`) is reported, as by AWS's own policy checks,
    though IAM may accept it.

See
    IAM User Guide, "Grammar of the IAM JSON policy language".
"""

import re
from collections.abc import Iterator

from keywright.guardrails.subjects.policies import AnyStatement
from keywright.policy.parsing.elements import read_statement
from keywright.policy.parsing.notes import Note
from keywright.policy.statement import Kind
from keywright.reporting.finding import Finding, Severity

CODE = "POL012"
SEVERITY = Severity.ERROR
ONLY_WRITTEN = True


_API_METHOD = re.compile(r"`execute-api:/.*`")
"""The short form in which an API Gateway resource policy names methods of its own API."""


def _is_accepted(note: Note, statement: AnyStatement) -> bool:
    """Return whether a resource is in a service's short form, or comes from a parameter without a value."""
    is_own = statement.within.kind is Kind.RESOURCE and _API_METHOD.fullmatch(note.found)
    return bool(is_own and "Resource" in note.pointer) or note.found == "``"


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Report each violation of the grammar."""
    # A statement with unknown parts may be valid at deployment.
    literal = statement.statement.literal
    if literal is None or not statement.within.is_document:
        return
    notes: list[Note] = []
    top = f"/Statement/{statement.statement.index}"
    read_statement(
        literal.to_json(), top, statement.within.kind, notes, knows_variables=literal.knows_variables
    )
    for note in notes:
        if "NotPrincipal" in note.pointer or _is_accepted(note, statement):
            continue  # TRU008's and RES001's, or accepted by the service
        path = [
            int(step) if step.isdigit() else step for step in note.pointer.removeprefix(top).split("/")[1:]
        ]
        yield statement.place.below(*path).fault(
            CODE,
            f"{statement.label} is invalid: {note.message}",
            found=note.found or f"statement {statement.statement.index + 1}",
            accepted=note.offered or "the grammar of the policy language",
        )
