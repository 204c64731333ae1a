"""TRU012: service principals in trust policies have a confused-deputy condition.

What it checks
    Where an Allow of `sts:AssumeRole` names a service that sends confused-deputy context keys, the statement has a
    condition on `aws:SourceAccount`, `aws:SourceArn` or the source organization. It is a warning for services that
    run what the account passes to them (tasks, builds, state machines, rules): whoever passes the role needs
    `iam:PassRole` for it.

Why it matters
    The service acts for every customer of AWS. Without the condition, another customer who knows the ARN of the role
    may make the service use it: the confused deputy problem.

Refused
    {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
    ---
    {Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "sts:AssumeRole"}
    ---
    Effect: Allow
    Principal: {Service: [ec2.amazonaws.com, vpc-flow-logs.amazonaws.com]}
    Action: "sts:AssumeRole"
    Condition: {StringEqualsIfExists: {"aws:SourceAccount": "111111111111"}}

Accepted
    {Effect: Allow, Principal: {Service: [ec2.amazonaws.com, lambda.amazonaws.com]}, Action: "sts:AssumeRole"}
    ---
    Effect: Allow
    Principal: {Service: states.amazonaws.com}
    Action: "sts:AssumeRole"
    Condition: {StringEquals: {"aws:SourceAccount": "111111111111"}}
    ---
    Effect: Allow
    Principal: {Service: pods.eks.amazonaws.com}
    Action: ["sts:AssumeRole", "sts:TagSession"]
    Condition: {StringEquals: {"aws:RequestTag/kubernetes-service-account": web}}

Blind to
    Services that are not known to send the keys (EC2, Lambda and CodePipeline do not); whether the named account is
    the own one; for IAM Roles Anywhere, whether both the trust anchor and the certificate are tested.

See
    IAM User Guide, "The confused deputy problem"; the services' guides, "Cross-service confused deputy prevention".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.confused_deputy import (
    SERVICES_ASSUMING_WITH_SOURCE,
    SERVICES_RUNNING_OWNER_CODE,
    has_source_condition,
    service_name,
)
from keywright.guardrails.subjects.trusts import ASSUME_ROLE, TrustStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU012"
SEVERITY = Severity.ERROR
ONLY_WRITTEN = True


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report services that may act for any account; a warning for those that run what the role was passed with."""
    for each in statement.allowed_principals(ASSUME_ROLE):
        is_deputy = service_name(each) in SERVICES_ASSUMING_WITH_SOURCE
        yield from statement.place.answer(
            min(each.is_allowed, negation(has_source_condition(each))) if is_deputy else Truth.NO,
            CODE,
            f"role {statement.label} trusts a service without a confused-deputy condition",
            found=f"Service `{each.value}`",
            accepted="a condition on `aws:SourceAccount` or `aws:SourceArn`",
            severity=Severity.WARNING if service_name(each) in SERVICES_RUNNING_OWNER_CODE else SEVERITY,
        )
