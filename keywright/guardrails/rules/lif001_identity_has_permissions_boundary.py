"""LIF001: every user and role has a permissions boundary.

What it checks
    `PermissionsBoundary` is set on each AWS::IAM::User and AWS::IAM::Role, under all conditions of the template.

Why it matters
    A boundary caps whatever is granted later, by anybody. It is cheap on the first day and nearly impossible once an
    account is in use. It is our convention: a warning on templates of others.

Refused
    Worker:
      Type: AWS::IAM::Role
      Properties: {AssumeRolePolicyDocument: {}}

Accepted
    Worker:
      Type: AWS::IAM::Role
      Properties:
        AssumeRolePolicyDocument: {}
        PermissionsBoundary: "arn:aws:iam::111111111111:policy/access/keywright-boundary"

Blind to
    Whether the boundary caps anything: one that allows everything counts.

See
    IAM User Guide, "Permissions boundaries for IAM entities".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.kinds import Bearer
from keywright.reporting.finding import Finding, Severity

CODE = "LIF001"
TITLE = "every user and role has a permissions boundary"
SEVERITY = Severity.ERROR
CONVENTION = True


def check(bearer: Bearer) -> Iterator[Finding]:
    """Refuse an identity that lacks a boundary, or may lack it."""
    if bearer.identity.may_lack_boundary:
        yield bearer.place.fault(
            CODE,
            f"{bearer.identity.kind} `{bearer.identity.label}` has no permissions boundary",
            found=f"{'a conditional' if bearer.identity.boundaries else 'no'} `PermissionsBoundary`",
            accepted="`PermissionsBoundary` with the ARN of a managed policy",
        )
