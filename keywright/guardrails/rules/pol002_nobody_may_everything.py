"""POL002: no policy allows everything.

What it checks
    No Allow of an identity-based policy covers every action on every resource, however it is spelled (`*`, `*:*`, `**`).
    A condition does not change that.

Why it matters
    It is administration of the account, escalation included. Declare AdministratorAccess on a break-glass role instead,
    where it is seen.

Refused
    {Effect: Allow, Action: "*", Resource: "*"}
    ---
    {Effect: Allow, Action: ["s3:GetObject", "*:*"], Resource: ["*"]}

Accepted
    {Effect: Allow, Action: "s3:*", Resource: "*"}
    ---
    {Effect: Deny, Action: "*", Resource: "*"}

Blind to
    AdministratorAccess by its ARN, which AwsSolutions-IAM4 sees, and sums of policies that come to the same.

See
    CIS AWS Foundations 1.15.
"""

from collections.abc import Iterator

from keywright.assembly.document import Texts
from keywright.finding import Finding, Severity
from keywright.guardrails.invitations import allows
from keywright.guardrails.subjects import PolicyStatement
from keywright.policy.truth import Truth

CODE = "POL002"
TITLE = "no policy allows everything"
SEVERITY = Severity.ERROR


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Refuse an Allow of every action on every resource."""
    written = statement.statement
    yield from statement.place.answer(
        min(allows(written), _everything(written.actions, "*:"), _everything(written.resources, "*")),
        CODE,
        f"policy {statement.label} allows everything",
        found=f"Action {', '.join(f'`{value}`' for value in written.actions)}",
        accepted="the actions and resources that are needed",
    )


def _everything(values: Texts, wildcards: str) -> Truth:
    found = [Truth.YES for value in values if value.literal and not value.literal.strip(wildcards)]
    unknown = [Truth.MAYBE for value in values if value.literal is None and value.may_be("*")]
    return max([*found, *unknown], default=Truth.NO)
