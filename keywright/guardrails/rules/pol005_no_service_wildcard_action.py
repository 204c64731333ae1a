"""POL005: Allow statements do not grant all actions of a service.

What it checks
    No Allow of an identity-based policy covers all actions of a service (`s3:*`, however it is spelled). With a
    condition that restricts the resources it is a warning, as it is for the channels of the Systems Manager agent
    (`ec2messages`, `ssmmessages`), which have no resources.

Why it matters
    The actions of a service include those that delete, share and manage permissions, and those that AWS adds later.

Refused
    {Effect: Allow, Action: "s3:*", Resource: "*"}
    ---
    {Effect: Allow, Action: ["ec2:DescribeInstances", "DynamoDB:**"], Resource: ["arn:aws:dynamodb:*:*:*"]}

Accepted
    {Effect: Allow, Action: ["s3:GetObject", "s3:Put*"], Resource: "arn:aws:s3:::reports/*"}
    ---
    {Effect: Deny, Action: "iam:*", Resource: "*"}

Blind to
    Patterns that cover nearly all of a service (`s3:?*t*`), and several statements that add up to a whole service.

See
    IAM User Guide, "Apply least-privilege permissions".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.allowed_principals import allows
from keywright.guardrails.subjects.breadth import restricts_resources, service_wildcard
from keywright.guardrails.subjects.kinds import PolicyStatement
from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Severity

CODE = "POL005"
SEVERITY = Severity.ERROR

_CHANNELS = frozenset({"ec2messages", "ssmmessages"})


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Report whole services; it is a warning where a condition restricts them."""
    written = statement.statement
    is_narrow = restricts_resources(written) is not Truth.NO
    for pattern in written.actions:
        service = service_wildcard(pattern)
        yield from statement.place.answer(
            allows(written) if service else Truth.NO,
            CODE,
            f"policy {statement.label} allows every action of `{service}`",
            found=f"Action `{pattern}`",
            accepted="the actions that are needed",
            severity=Severity.WARNING if is_narrow or service in _CHANNELS else SEVERITY,
        )
