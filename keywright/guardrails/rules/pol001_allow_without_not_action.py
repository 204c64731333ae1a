"""POL001: an Allow says what it allows.

What it checks
    No Allow of an identity-based policy has `NotAction` or `NotResource`.

Why it matters
    What is not excluded is everything else, and everything that AWS adds later.

Refused
    {Effect: Allow, NotAction: "iam:*", Resource: "*"}
    ---
    {Effect: Allow, Action: "s3:*", NotResource: "arn:aws:s3:::secrets/*"}

Accepted
    {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*"}
    ---
    {Effect: Deny, NotAction: "iam:ChangePassword", Resource: "*"}

Blind to
    Resource-based policies, and policies that are managed by AWS. A boundary may be written so: it only caps.

See
    IAM User Guide, "AWS JSON policy elements: NotAction".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.allowed_principals import allows
from keywright.guardrails.subjects.kinds import PolicyStatement
from keywright.guardrails.value_list import listed
from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Severity

CODE = "POL001"
TITLE = "an Allow says what it allows"
SEVERITY = Severity.ERROR


def check(statement: PolicyStatement) -> Iterator[Finding]:
    """Refuse an Allow by exclusion."""
    written = statement.statement
    found = [
        f"{element} {listed(values)}"
        for element, values in (("NotAction", written.not_actions), ("NotResource", written.not_resources))
        if values
    ]
    yield from statement.place.answer(
        allows(written) if found else Truth.NO,
        CODE,
        f"policy {statement.label} allows all but a few",
        found=" and ".join(found),
        accepted="`Action` and `Resource` with what is needed",
    )
