"""POL011: no statement is redundant.

What it checks
    Each statement of an identity-based policy grants, or denies, something that the other statements of the policy
    with the same effect do not. A statement is reported where the policy engine proves that nothing changes without
    it.

Why it matters
    Whoever revokes access deletes one statement, and the other one still grants it.

Refused
    - {Effect: Allow, Action: "s3:Get*", Resource: "arn:aws:s3:::reports/*"}
    - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/monthly/*"}

Accepted
    - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/monthly/*"}
    - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/daily/*"}

Blind to
    Statements in different policies, policies with more than 40 statements, statements that are not fully known
    before deployment, permissions boundaries, and single redundant actions or resources within a statement.

See
    IAM User Guide, "IAM Access Analyzer policy check reference".
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.subjects.policies import AnyPolicy
from keywright.guardrails.subjects.redundancy import redundant_statements
from keywright.reporting.finding import Finding, Severity

CODE = "POL011"
SEVERITY = Severity.WARNING
ONLY_WRITTEN = True


def check(policy: AnyPolicy) -> Iterator[Finding]:
    """Report each statement that can be removed."""
    found = set() if policy.is_boundary_only else set(redundant_statements(policy))
    for each in policy.statements:
        if each.statement.index in found:
            written = each.statement
            named = f"`{written.sid}`" if written.sid else f"statement {written.index + 1}"
            yield each.place.fault(
                CODE,
                f"{policy.label} has a redundant statement",
                found=f"{named}, {listed(written.actions or written.not_actions)}",
                accepted="the policy without this statement",
            )
