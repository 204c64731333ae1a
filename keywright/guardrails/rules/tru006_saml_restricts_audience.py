"""TRU006: SAML trust policies restrict the audience.

What it checks
    A statement allowing `sts:AssumeRoleWithSAML` compares `SAML:aud`, the address to which the assertion was sent.

Why it matters
    An assertion that was issued for another service provider must not be able to assume the role.

Refused
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:saml-provider/okta"}
    Action: "sts:AssumeRoleWithSAML"
    ---
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:saml-provider/okta"}
    Action: "sts:AssumeRoleWithSAML"
    Condition: {StringEqualsIfExists: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}

Accepted
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:saml-provider/okta"}
    Action: "sts:AssumeRoleWithSAML"
    Condition: {StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}

Blind to
    Which of the provider's users can assume the role: attributes and session tags are not checked.

See
    IAM User Guide, "Create a role for SAML 2.0 federation".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.trusts import SAML, TrustStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU006"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report a statement without a positive test on the audience."""
    for each in statement.allowed_principals(SAML):
        pins = each.conditions.restricts("saml:aud".__eq__)
        yield from statement.place.answer(
            min(each.is_allowed, negation(pins)) if each.kind == "Federated" else Truth.NO,
            CODE,
            f"role {statement.label} accepts assertions for any audience",
            found="no test of `SAML:aud`",
            accepted="StringEquals on `SAML:aud`, such as `https://signin.aws.amazon.com/saml`",
        )
