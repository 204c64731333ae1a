"""TRU007: IAM users need MFA to assume a role.

What it checks
    Where an Allow of `sts:AssumeRole` names IAM users, as principals or by `aws:PrincipalArn`, it has a condition on
    `aws:MultiFactorAuthPresent` by `Bool` or on `aws:MultiFactorAuthAge`. A test on either key by `…IfExists` in an
    Allow is reported for any principal: a request signed with a long-term key has neither key and passes.

Why it matters
    A stolen access key must not be enough to assume a role with more permissions.

Refused
    {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:user/access/alice"}, Action: "sts:AssumeRole"}
    ---
    Effect: Allow
    Principal: {AWS: "arn:aws:iam::111111111111:root"}
    Action: "sts:AssumeRole"
    Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "true"}}
    ---
    Effect: Allow
    Principal: {AWS: "arn:aws:iam::111111111111:root"}
    Action: "sts:AssumeRole"
    Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/access/*"}}

Accepted
    {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:root"}, Action: "sts:AssumeRole"}
    ---
    Effect: Allow
    Principal: {AWS: "arn:aws:iam::111111111111:root"}
    Action: "sts:AssumeRole"
    Condition:
      ArnLike: {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/access/*"}
      Bool: {"aws:MultiFactorAuthPresent": "true"}

Blind to
    The root of an account as principal is delegation: the policies of that account decide who can assume the role,
    and this rule does not read them. A user that is software cannot use MFA: declare an exception, or give it a role.

See
    IAM User Guide, "Secure API access with MFA"; CIS AWS Foundations 1.9.
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.allowed_principals import MFA_AGE, MFA_PRESENT
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.trusts import ASSUME_ROLE, TrustStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU007"
SEVERITY = Severity.ERROR

ACCEPTED = "`Bool` on `aws:MultiFactorAuthPresent`"


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report users without an MFA condition, and MFA conditions that a missing key passes."""
    optional = _optional_mfa(statement)
    for each in statement.allowed_principals(ASSUME_ROLE):
        # A condition that a missing key passes is a fault for any principal.
        found = optional or [f"`{arn}`" for arn in each.users]
        yield from statement.place.answer(
            min(each.is_allowed, negation(each.requires_mfa)) if found else Truth.NO,
            CODE,
            f"role {statement.label} can be assumed without MFA",
            found=", ".join(dict.fromkeys(found)),
            accepted=ACCEPTED,
        )


def _optional_mfa(statement: TrustStatement) -> list[str]:
    return [
        f"`{test.operator_name}` on `{test.key_name}`"
        for test in condition_tests(statement.statement)
        if test.key in (MFA_PRESENT, MFA_AGE) and test.passes_without_key
    ]
