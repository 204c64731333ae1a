"""POL002: no policy grants full administrator access.

What it checks
    No Allow of an identity-based policy covers every action on every resource, however it is spelled (`*`, `*:*`,
    `**`). A condition does not change that.

Why it matters
    The statement grants administration of the account, including privilege escalation. Attach AdministratorAccess to
    a break-glass role instead, where it is visible.

Refused
    {Effect: Allow, Action: "*", Resource: "*"}
    ---
    {Effect: Allow, Action: ["s3:GetObject", "*:*"], Resource: ["*"]}

Accepted
    {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*"}
    ---
    {Effect: Deny, Action: "*", Resource: "*"}

Blind to
    AdministratorAccess attached by ARN, which AwsSolutions-IAM4 and POL013 report, and several policies that add up
    to the same. A managed policy that is attached to nothing and named like a boundary counts as a boundary.

See
    CIS AWS Foundations 1.15.
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.subjects.allowed_principals import allows
from keywright.guardrails.subjects.breadth import covers_everything
from keywright.guardrails.subjects.kinds import PolicyStatement
from keywright.reporting.finding import Finding, Severity

CODE = "POL002"
SEVERITY = Severity.ERROR


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Report an Allow of every action on every resource."""
    written = statement.statement
    yield from statement.place.answer(
        min(allows(written), covers_everything(written)),
        CODE,
        f"policy {statement.label} allows everything",
        found=f"Action {listed(written.actions)}",
        accepted="the actions and resources that are needed",
    )
