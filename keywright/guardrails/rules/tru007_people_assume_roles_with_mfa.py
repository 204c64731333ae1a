"""TRU007: people come into a role with MFA.

What it checks
    Where an Allow of `sts:AssumeRole` names IAM users, as principals or by `aws:PrincipalArn`, it asks for
    `aws:MultiFactorAuthPresent` by `Bool` or for `aws:MultiFactorAuthAge`. A test on either by `…IfExists` in an Allow
    is refused whoever is named: a request signed with a long-term key carries neither and passes.

Why it matters
    A stolen access key must not be enough to change into the role in which the power lies.

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
    An account's root as principal is delegation: who of that account may come is up to its own policies, which this
    rule does not read. A user that is software can't do MFA: declare an exception, or give it a role.

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
TITLE = "people come into a role with MFA"
SEVERITY = Severity.ERROR

ACCEPTED = "`Bool` on `aws:MultiFactorAuthPresent`"


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Refuse users of whom no second factor is asked, and tests of one that its absence passes."""
    lenient = _passed_by_absence(statement)
    for each in statement.invitations(ASSUME_ROLE):
        found = lenient or [f"`{arn}`" for arn in each.people]
        yield from statement.place.answer(
            min(each.is_open, negation(each.asks_for_mfa)) if found else Truth.NO,
            CODE,
            f"role {statement.label} lets people in without MFA",
            found=", ".join(dict.fromkeys(found)),
            accepted=ACCEPTED,
        )


def _passed_by_absence(statement: TrustStatement) -> list[str]:
    return [
        f"`{test.operator_name}` on `{test.key_name}`"
        for test in condition_tests(statement.statement)
        if test.key in (MFA_PRESENT, MFA_AGE) and test.is_passed_by_absence
    ]
