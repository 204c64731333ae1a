"""TRU004: web identity trust policies restrict the token's subject.

What it checks
    A statement allowing `sts:AssumeRoleWithWebIdentity` compares the issuer's `:sub` claim by a test that a missing
    or any other subject does not pass.

Why it matters
    The audience says who a token is for; only the subject says who it is from. Without the test, every repository of
    GitHub, every project of the issuer, can assume the role.

Refused
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition: {StringEquals: {"token.actions.githubusercontent.com:aud": sts.amazonaws.com}}
    ---
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals: {"token.actions.githubusercontent.com:aud": sts.amazonaws.com}
      "ForAllValues:StringEquals": {"token.actions.githubusercontent.com:sub": "repo:acme/web:environment:production"}

Accepted
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals:
        "token.actions.githubusercontent.com:aud": sts.amazonaws.com
        "token.actions.githubusercontent.com:sub": "repo:acme/web:environment:production"

Blind to
    A subject pattern that is too wide, such as `repo:*`; see TRU005. Providers for end users of an application
    (Amazon Cognito, Login with Amazon, Facebook, Google) are left to TRU003.

See
    IAM User Guide, "Create a role for OpenID Connect federation"; GitHub Docs, "OpenID Connect reference".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.guardrails.subjects.web_identity import SUBJECTS, issuers, sample_subject
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU004"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report a statement without a positive test on the subject; TRU005 checks how wide the test is."""
    for each, issuer in issuers(statement):
        if issuer.is_for_end_users:
            continue
        pins = each.conditions.restricts(issuer.claims(SUBJECTS), lambda _: Truth.YES)
        yield from statement.place.answer(
            min(each.is_allowed, negation(pins)),
            CODE,
            f"role {statement.label} trusts every subject of its issuer",
            found=f"no test of the subject of `{issuer.label}`",
            accepted=f"StringEquals on `{issuer.label}:sub`, such as `{sample_subject(issuer)}`",
        )
