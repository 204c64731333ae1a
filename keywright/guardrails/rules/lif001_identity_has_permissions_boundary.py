"""LIF001: every user and role has a permissions boundary.

What it checks
    `PermissionsBoundary` is set on each AWS::IAM::User and AWS::IAM::Role, under all conditions of the template.

Why it matters
    A boundary limits whatever is granted later, by anybody. It is easy to set on the first day and hard to add to an
    account in use. It is a convention of this project: a warning of `--profile strict` on other templates.

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
    Whether the boundary restricts anything: one that allows everything counts.

See
    IAM User Guide, "Permissions boundaries for IAM entities".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.kinds import BoundaryHolder
from keywright.reporting.finding import Finding, Severity

CODE = "LIF001"
SEVERITY = Severity.ERROR
CONVENTION = True


def check(holder: BoundaryHolder) -> Iterator[Finding]:
    """Report an identity that has no boundary, or has one only under a condition."""
    if holder.identity.may_lack_boundary:
        yield holder.place.fault(
            CODE,
            f"{holder.identity.kind} `{holder.identity.label}` has no permissions boundary",
            found=f"{'a conditional' if holder.identity.boundaries else 'no'} `PermissionsBoundary`",
            accepted="`PermissionsBoundary` with the ARN of a managed policy",
        )
