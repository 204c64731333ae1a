"""TRU002: cross-account trust requires an external ID, MFA or the organization.

What it checks
    An Allow of `sts:AssumeRole` to a principal of another account has a condition on `sts:ExternalId`, on
    `aws:MultiFactorAuthPresent` by `Bool`, on the organization by `aws:PrincipalOrgID` or `aws:PrincipalOrgPaths`, or
    on `aws:PrincipalArn` with whole ARNs of roles. A test that a missing key passes (`…IfExists`, negated,
    `ForAllValues`) does not count.

Why it matters
    A vendor's software acts for many customers: without an external ID one customer can make it use the role of
    another (the confused deputy problem). People of another account need MFA instead, which the console can send
    while it cannot send an external ID.

Refused
    {Effect: Allow, Principal: {AWS: "arn:aws:iam::222222222222:root"}, Action: "sts:AssumeRole"}
    ---
    {Effect: Allow, Principal: {AWS: "222222222222"}, Action: "sts:Assume*"}
    ---
    Effect: Allow
    Principal: {AWS: "222222222222"}
    Action: "sts:AssumeRole"
    Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "true"}}

Accepted
    {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:root"}, Action: "sts:AssumeRole"}
    ---
    Effect: Allow
    Principal: {AWS: "222222222222"}
    Action: "sts:AssumeRole"
    Condition: {StringEquals: {"sts:ExternalId": acme-vendor-7f3a}}
    ---
    Effect: Allow
    Principal: {AWS: "222222222222"}
    Action: "sts:AssumeRole"
    Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}
    ---
    Effect: Allow
    Principal: {AWS: "222222222222"}
    Action: "sts:AssumeRole"
    Condition: {ArnEquals: {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/deploy"}}

Blind to
    An external ID that is easy to guess or that the customer chose: the vendor must generate it. A role of a vendor in
    `aws:PrincipalArn`, which acts for all its customers: such a role needs an external ID too. Where the stack
    names no account, an account given by its number counts as another one, unless the template shows that it is its
    own: by the number in a boundary, an attached policy, an identity provider. Where policies name resources of that
    account it is reported as undecided. A parameter counts as another account: `AWS::AccountId` is the own one.

See
    IAM User Guide, "The confused deputy problem".
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import Text
from keywright.guardrails.subjects.own_accounts import is_own_account
from keywright.guardrails.subjects.trusts import ASSUME_ROLE, TrustStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU002"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report principals of other accounts without any such condition."""
    for each in statement.allowed_principals(ASSUME_ROLE):
        proof = max(
            each.requires_external_id,
            each.requires_mfa,
            each.requires_organization,
            each.requires_one_role,
        )
        # A wildcard principal can be restricted to several accounts by conditions.
        for account in each.accounts:
            own = max(each.is_own(account), is_own_account(account, statement.role.resource.template))
            yield from _check_account(
                statement, account, min(each.is_allowed, negation(own), negation(proof))
            )


def _check_account(statement: TrustStatement, account: Text, is_open: Truth) -> Iterator[Finding]:
    yield from statement.place.answer(
        is_open,
        CODE,
        f"role {statement.label} trusts another account without an external ID, MFA or organization condition",
        found=f"account `{account}`",
        accepted="a condition on `sts:ExternalId` for software, `Bool` on `aws:MultiFactorAuthPresent` for people, "
        "or `aws:PrincipalOrgID`",
    )
