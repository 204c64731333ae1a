"""TRU008: trust policies do not use NotPrincipal with Allow.

What it checks
    No Allow of a trust policy has `NotPrincipal`.

Why it matters
    It allows everyone else: every AWS account, and anonymous callers. AWS itself advises against the combination.

Refused
    {Effect: Allow, NotPrincipal: {AWS: "arn:aws:iam::111111111111:user/mallory"}, Action: "sts:AssumeRole"}

Accepted
    {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:root"}, Action: "sts:AssumeRole"}
    ---
    {Effect: Deny, NotPrincipal: {AWS: "arn:aws:iam::111111111111:root"}, Action: "sts:AssumeRole"}

Blind to
    `NotPrincipal` in a Deny, which denies more than intended after the named principal is re-created, but allows
    nothing.

See
    IAM User Guide, "AWS JSON policy elements: NotPrincipal".
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Severity

CODE = "TRU008"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report an Allow with `NotPrincipal`."""
    excluded = [
        f"{kind}: {value}" for kind, values in statement.statement.not_principals.items() for value in values
    ]
    # The template may not contain the excluded principals, but the element itself is enough.
    has_some = bool(excluded) or "NotPrincipal" in statement.statement.unknown
    is_open = max(each.is_allowed for each in statement.allowed_principals())
    yield from statement.place.answer(
        is_open if has_some else Truth.NO,
        CODE,
        f"role {statement.label} trusts everyone except a list",
        found=f"NotPrincipal {listed(excluded)}".rstrip(),
        accepted="`Principal` with the principals to trust",
    )
