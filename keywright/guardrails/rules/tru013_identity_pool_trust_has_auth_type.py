"""TRU013: a role of an identity pool says whether it is for guests.

What it checks
    A statement allowing `sts:AssumeRoleWithWebIdentity` to Amazon Cognito's identity pools compares
    `cognito-identity.amazonaws.com:amr`, which is `authenticated` or `unauthenticated`.

Why it matters
    A pool gives tokens to guests too, where it is set so, now or later. Without the test a guest takes the role that is
    meant for people who signed in.

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
    What guests may do by the role that is meant for them.

See
    Amazon Cognito Developer Guide, "Role trust and permissions".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.guardrails.subjects.web_identity import issuers
from keywright.policy.matching.context import negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU013"
TITLE = "a role of an identity pool says whether it is for guests"
SEVERITY = Severity.ERROR

POOLS = "cognito-identity.amazonaws.com"


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Refuse a statement without a positive test on how somebody signed in."""
    for each, issuer in issuers(statement):
        if issuer.name.literal != POOLS:
            continue
        yield from statement.place.answer(
            min(each.is_open, negation(each.limits.pinned(f"{POOLS}:amr".__eq__))),
            CODE,
            f"role {statement.label} takes guests of the identity pool as well",
            found=f"no test of `{POOLS}:amr`",
            accepted=f"ForAnyValue:StringLike on `{POOLS}:amr`, `authenticated` or `unauthenticated`",
        )
