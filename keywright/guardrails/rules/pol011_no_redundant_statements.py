"""POL011: no statement says what others say already.

What it checks
    Each statement of an identity-based policy grants, or denies, something that the policy's other statements of the
    same effect do not: the policy engine proves that nothing would change without it.

Why it matters
    Whoever takes a right away deletes one statement, and the other one goes on granting it.

Refused
    - {Effect: Allow, Action: "s3:Get*", Resource: "arn:aws:s3:::reports/*"}
    - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/monthly/*"}

Accepted
    - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/monthly/*"}
    - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/daily/*"}

Blind to
    Statements in different policies, policies with more than 40 statements, statements of which the template leaves
    parts open, permissions boundaries, and single actions or resources that are spare within a statement.

See
    IAM User Guide, "IAM Access Analyzer policy check reference".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.policies import AnyPolicy
from keywright.guardrails.subjects.redundancy import redundant
from keywright.guardrails.value_list import listed
from keywright.reporting.finding import Finding, Severity

CODE = "POL011"
TITLE = "no statement says what others say already"
SEVERITY = Severity.WARNING


def check(policy: AnyPolicy) -> Iterator[Finding]:
    """Warn of each statement that can go."""
    found = set() if policy.caps else set(redundant(policy))
    for each in policy.statements:
        if each.statement.index in found:
            written = each.statement
            named = f"`{written.sid}`" if written.sid else f"statement {written.index + 1}"
            yield each.place.fault(
                CODE,
                f"{policy.label} has a statement that changes nothing",
                found=f"{named}, {listed(written.actions or written.not_actions)}",
                accepted="the other statements alone",
            )
