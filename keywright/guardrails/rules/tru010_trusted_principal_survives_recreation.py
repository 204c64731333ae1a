"""TRU010: a trust policy does not hang on one user or role that may be made again.

What it checks
    No principal of an Allow is a single IAM user, role or role session by its ARN.

Why it matters
    IAM keeps a named user or role by its unique id. When it is deleted and made again under the same name, the trust is
    dead, and while it does not exist the deployment fails. The account's root with a condition on `aws:PrincipalArn`
    means the same and survives. It is our convention.

Refused
    {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:role/ci"}, Action: "sts:AssumeRole"}

Accepted
    Effect: Allow
    Principal: {AWS: "arn:aws:iam::111111111111:root"}
    Action: "sts:AssumeRole"
    Condition: {ArnEquals: {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/ci"}}

Blind to
    Principals of resource-based policies, and conditions on `aws:userid`, which die in the same way.

See
    IAM User Guide, "AWS JSON policy elements: Principal".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.allowed_principals import fields_of
from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.reporting.finding import Finding, Severity

CODE = "TRU010"
TITLE = "a trust policy does not hang on one user or role that may be made again"
SEVERITY = Severity.WARNING
CONVENTION = True

_SINGLE = ("user/", "role/", "assumed-role/")


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Warn of a principal that is one user or role."""
    for each in statement.invitations():
        fields = fields_of(each.value)
        if each.kind == "AWS" and len(fields) > 5 and fields[5].prefix.startswith(_SINGLE):  # noqa: PLR2004 - the sixth field
            yield from statement.place.below("Principal").answer(
                each.is_open,
                CODE,
                f"role {statement.label} trusts one identity, and no other of that name",
                unsure=f"role {statement.label} trusts one identity",
                found=f"`{each.value}`",
                accepted="the account's root with `ArnEquals` on `aws:PrincipalArn`",
            )
