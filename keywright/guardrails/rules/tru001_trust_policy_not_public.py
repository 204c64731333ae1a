"""TRU001: trust policies do not allow public access.

What it checks
    An Allow of a trust policy names no principal by wildcard, in any spelling (`"*"`, `AWS: "*"`, a list, a pattern),
    unless its conditions, or a Deny in the same policy, restrict callers to an organization or to accounts.

Why it matters
    `*` is every identity of every AWS account. Only the caller's own account still has to allow the call, and an
    attacker's does.

Refused
    {Effect: Allow, Principal: "*", Action: "sts:AssumeRole"}
    ---
    Effect: Allow
    Principal: {AWS: "arn:aws:iam::*:root"}
    Action: "sts:AssumeRole"
    Condition: {StringEquals: {"sts:ExternalId": everyone-may-know-it}}
    ---
    Effect: Allow
    Principal: {AWS: ["*"]}
    Action: "sts:*"
    Condition: {StringEqualsIfExists: {"aws:PrincipalOrgID": o-a1b2c3d4e5}}

Accepted
    {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:root"}, Action: "sts:AssumeRole"}
    ---
    Effect: Allow
    Principal: {AWS: "*"}
    Action: "sts:AssumeRole"
    Condition: {StringEquals: {"aws:PrincipalOrgID": o-a1b2c3d4e5}}

Blind to
    Which accounts belong to the organization, and control policies that deny external principals. A Deny with several
    tests, or one that may cover less than the Allow, is reported as undecided.

See
    IAM User Guide, "AWS JSON policy elements: Principal".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.trusts import ASSUME_ACTIONS, TrustStatement
from keywright.policy.matching.context import negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU001"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report a wildcard principal that no condition restricts to an organization or to accounts."""
    for each in statement.allowed_principals(*ASSUME_ACTIONS):
        restricted = max(each.requires_organization, each.requires_account)
        yield from statement.place.below("Principal").answer(
            min(each.is_allowed, each.names_everyone, negation(restricted)),
            CODE,
            f"role {statement.label} trusts everyone",
            found=f"`{each.shown}`",
            accepted="accounts, roles or services by name, or a condition on `aws:PrincipalOrgID`",
        )
