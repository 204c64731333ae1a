"""TRU010: trust policies do not name a single user or role as principal.

What it checks
    No principal of an Allow is a single IAM user, role or role session by its ARN.

Why it matters
    IAM stores a named user or role by its unique ID. When it is deleted and created again under the same name, the
    trust no longer works, and while it does not exist the deployment fails. The root of the account with a condition
    on `aws:PrincipalArn` means the same and keeps working. It is a convention of this project: a warning of
    `--profile strict` on other templates.

Refused
    {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:role/ci"}, Action: "sts:AssumeRole"}

Accepted
    Effect: Allow
    Principal: {AWS: "arn:aws:iam::111111111111:root"}
    Action: "sts:AssumeRole"
    Condition: {ArnEquals: {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/ci"}}

Blind to
    Principals of resource-based policies, and conditions on `aws:userid`, which stop working in the same way.

See
    IAM User Guide, "AWS JSON policy elements: Principal".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.allowed_principals import fields_of
from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.reporting.finding import Finding, Severity

CODE = "TRU010"
SEVERITY = Severity.WARNING
CONVENTION = True

_SINGLE_IDENTITY = ("user/", "role/", "assumed-role/")


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report a principal that is one user or role."""
    for each in statement.allowed_principals():
        fields = fields_of(each.value)
        if each.kind == "AWS" and len(fields) > 5 and fields[5].prefix.startswith(_SINGLE_IDENTITY):  # noqa: PLR2004 - the sixth field
            yield from statement.place.below("Principal").answer(
                each.is_allowed,
                CODE,
                f"role {statement.label} trusts one identity, and stops working when it is re-created",
                when_undecided=f"role {statement.label} trusts one identity",
                found=f"`{each.value}`",
                accepted="the root of the account with `ArnEquals` on `aws:PrincipalArn`",
            )
