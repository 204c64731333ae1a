"""POL001: Allow statements use Action and Resource, not NotAction or NotResource.

What it checks
    No Allow of an identity-based, resource-based or trust policy has `NotAction` or `NotResource`.

Why it matters
    Such a statement allows everything that it does not list, including everything that AWS adds later.

Refused
    {Effect: Allow, NotAction: "iam:*", Resource: "*"}
    ---
    {Effect: Allow, Action: "s3:*", NotResource: "arn:aws:s3:::secrets/*"}
    ---
    Topic:
      Type: AWS::SNS::TopicPolicy
      Properties:
        Topics: ["arn:aws:sns:eu-central-1:111111111111:news"]
        PolicyDocument:
          Statement:
            Effect: Allow
            Principal: {AWS: "arn:aws:iam::111111111111:role/reader"}
            NotAction: "sns:DeleteTopic"
            Resource: "*"

Accepted
    {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*"}
    ---
    {Effect: Deny, NotAction: "iam:ChangePassword", Resource: "*"}

Blind to
    AWS managed policies. A permissions boundary may use these elements: it grants nothing.

See
    IAM User Guide, "AWS JSON policy elements: NotAction".
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.subjects.allowed_principals import allows
from keywright.guardrails.subjects.policies import AnyStatement
from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Severity

CODE = "POL001"
SEVERITY = Severity.ERROR


def check(statement: AnyStatement) -> Iterator[Finding]:
    """Report an Allow with `NotAction` or `NotResource`."""
    if statement.within.is_boundary_only:
        return
    written = statement.statement
    found = [
        f"{element} {listed(values)}"
        for element, values in (("NotAction", written.not_actions), ("NotResource", written.not_resources))
        if values
    ]
    yield from statement.place.answer(
        allows(written) if found else Truth.NO,
        CODE,
        f"{statement.label} allows everything except a list",
        found=" and ".join(found),
        accepted="`Action` and `Resource` that list what is needed",
    )
