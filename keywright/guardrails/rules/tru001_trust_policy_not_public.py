"""TRU001: a trust policy names whom it lets in.

What it checks
    An Allow of a trust policy names no principal by wildcard, in any spelling (`"*"`, `AWS: "*"`, a list, a pattern),
    unless its conditions, or a Deny beside it, hold callers to an organization or to accounts.

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
    Who belongs to the organization, and control policies that keep strangers out. A Deny with several tests, or one that
    may cover less than the Allow, is reported as cannot tell.

See
    IAM User Guide, "AWS JSON policy elements: Principal".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.trusts import ENTRIES, TrustStatement
from keywright.policy.matching.context import negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU001"
TITLE = "a trust policy names whom it lets in"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Refuse a principal that is everyone and whom no condition holds to an organization or to accounts."""
    for each in statement.invitations(*ENTRIES):
        held = max(each.asks_for_organization, each.asks_for_account)
        yield from statement.place.below("Principal").answer(
            min(each.is_open, each.names_everyone, negation(held)),
            CODE,
            f"role {statement.label} trusts everyone",
            found=f"`{each.shown}`",
            accepted="accounts, roles or services by name, or a condition on `aws:PrincipalOrgID`",
        )
