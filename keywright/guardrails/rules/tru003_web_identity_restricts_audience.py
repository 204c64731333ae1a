"""TRU003: a web-identity role pins the token's audience.

What it checks
    A statement allowing `sts:AssumeRoleWithWebIdentity` compares the issuer's `:aud` claim (`:app_id` for
    Login with Amazon and Facebook) with values that are more than wildcards.

Why it matters
    The audience says whom a token was made for. Without it, a token that some other site asked for opens the role.

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
    An audience that is pinned to the wrong application, and the provider's own list of client ids, which also limits
    audiences.

See
    IAM User Guide, "Create a role for OpenID Connect federation".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.guardrails.subjects.web_identity import AUDIENCES, issuers
from keywright.policy.matching.context import negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU003"
TITLE = "a web-identity role pins the token's audience"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Refuse a statement without a positive test on an audience."""
    for each, issuer in issuers(statement):
        pins = each.limits.pinned(issuer.claims(AUDIENCES))
        yield from statement.place.answer(
            min(each.is_open, negation(pins)),
            CODE,
            f"role {statement.label} takes tokens made for any audience",
            found=f"no test of the audience of `{issuer.label}`",
            accepted=f"StringEquals on `{issuer.label}:aud`",
        )
