"""POL005: an Allow names actions, not a whole service.

What it checks
    No Allow of an identity-based policy covers all actions of a service (`s3:*`, however it is spelled). Under a
    condition that says on which resources, it is a warning, as it is for the channels of Systems Manager's agent
    (`ec2messages`, `ssmmessages`), which have no resources.

Why it matters
    A service's actions include those that delete, that share and that hand on rights, and those that AWS adds later.

Refused
    {Effect: Allow, Action: "s3:*", Resource: "*"}
    ---
    {Effect: Allow, Action: ["ec2:DescribeInstances", "DynamoDB:**"], Resource: ["arn:aws:dynamodb:*:*:*"]}

Accepted
    {Effect: Allow, Action: ["s3:GetObject", "s3:Put*"], Resource: "arn:aws:s3:::reports/*"}
    ---
    {Effect: Deny, Action: "iam:*", Resource: "*"}

Blind to
    Patterns that cover nearly all of a service (`s3:?*t*`), and the sum of several statements.

See
    IAM User Guide, "Apply least-privilege permissions".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.allowed_principals import allows
from keywright.guardrails.subjects.breadth import narrowing_tests, whole_service
from keywright.guardrails.subjects.kinds import PolicyStatement
from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Severity

CODE = "POL005"
TITLE = "an Allow names actions, not a whole service"
SEVERITY = Severity.ERROR

_CHANNELS = frozenset({"ec2messages", "ssmmessages"})


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Refuse whole services, warn of them where a condition narrows them."""
    written = statement.statement
    is_narrow = narrowing_tests(written) is not Truth.NO
    for pattern in written.actions:
        service = whole_service(pattern)
        yield from statement.place.answer(
            allows(written) if service else Truth.NO,
            CODE,
            f"policy {statement.label} allows every action of `{service}`",
            found=f"Action `{pattern}`",
            accepted="the actions that are needed",
            severity=Severity.WARNING if is_narrow or service in _CHANNELS else SEVERITY,
        )
