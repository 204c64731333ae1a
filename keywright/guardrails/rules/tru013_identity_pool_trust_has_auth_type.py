"""TRU013: identity pool roles distinguish guests from authenticated users.

What it checks
    A statement allowing `sts:AssumeRoleWithWebIdentity` to Amazon Cognito identity pools compares
    `cognito-identity.amazonaws.com:amr`, which is `authenticated` or `unauthenticated`.

Why it matters
    A pool issues tokens to guests too where guest access is enabled, now or later. Without the test a guest can
    assume the role for authenticated users.

Refused
    Effect: Allow
    Principal: {Federated: cognito-identity.amazonaws.com}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition: {StringEquals: {"cognito-identity.amazonaws.com:aud": "eu-central-1:1b2c"}}

Accepted
    Effect: Allow
    Principal: {Federated: cognito-identity.amazonaws.com}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals: {"cognito-identity.amazonaws.com:aud": "eu-central-1:1b2c"}
      "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": authenticated}

Blind to
    What guests can do with the role for guests.

See
    Amazon Cognito Developer Guide, "Role trust and permissions".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.guardrails.subjects.web_identity import issuers
from keywright.policy.matching.context import negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU013"
SEVERITY = Severity.ERROR

POOLS = "cognito-identity.amazonaws.com"


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report a statement without a positive test on the authentication type."""
    for each, issuer in issuers(statement):
        if issuer.name.literal != POOLS:
            continue
        yield from statement.place.answer(
            min(each.is_allowed, negation(each.conditions.restricts(f"{POOLS}:amr".__eq__))),
            CODE,
            f"role {statement.label} accepts guests of the identity pool",
            found=f"no test of `{POOLS}:amr`",
            accepted=f"ForAnyValue:StringLike on `{POOLS}:amr`, `authenticated` or `unauthenticated`",
        )
