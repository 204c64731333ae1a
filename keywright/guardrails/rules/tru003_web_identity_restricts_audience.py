"""TRU003: web identity trust policies restrict the token's audience.

What it checks
    A statement allowing `sts:AssumeRoleWithWebIdentity` compares the issuer's `:aud` claim (`:app_id` for Login with
    Amazon and Facebook) with values that are more than wildcards.

Why it matters
    The audience says which application a token was issued for. Without the test, a token that was issued for any
    other application can assume the role.

Refused
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition: {StringEquals: {"token.actions.githubusercontent.com:sub": "repo:acme/web:environment:production"}}
    ---
    Effect: Allow
    Principal: {Federated: cognito-identity.amazonaws.com}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition: {StringLike: {"cognito-identity.amazonaws.com:aud": "*"}}

Accepted
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals:
        "token.actions.githubusercontent.com:aud": sts.amazonaws.com
        "token.actions.githubusercontent.com:sub": "repo:acme/web:environment:production"

Blind to
    An audience of the wrong application, and the provider's own list of client IDs, which also restricts audiences.

See
    IAM User Guide, "Create a role for OpenID Connect federation".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.guardrails.subjects.web_identity import AUDIENCES, issuers
from keywright.policy.matching.context import negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU003"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report a statement without a positive test on the audience."""
    for each, issuer in issuers(statement):
        pins = each.conditions.restricts(issuer.claims(AUDIENCES))
        yield from statement.place.answer(
            min(each.is_allowed, negation(pins)),
            CODE,
            f"role {statement.label} accepts tokens for any audience",
            found=f"no test of the audience of `{issuer.label}`",
            accepted=f"StringEquals on `{issuer.label}:aud`",
        )
