"""TRU012: a service assumes the role for our account alone.

What it checks
    Where an Allow of `sts:AssumeRole` names a service that says for whom it acts, the statement asks for
    `aws:SourceAccount`, `aws:SourceArn` or the organization of the source. It is a warning for services that run what
    we hand them (tasks, builds, state machines, rules): whoever hands the role over needs `iam:PassRole` for it.

Why it matters
    The service acts for every customer of AWS. Without the test, one who knows the role's ARN may get the service to use
    it on their behalf: the confused deputy.

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
    Services that are not known to send the keys (EC2, Lambda, CodePipeline do not); whether the account named is ours; of IAM Roles Anywhere,
    whether both the anchor and the certificate are asked.

See
    IAM User Guide, "The confused deputy problem"; the services' guides, "Cross-service confused deputy prevention".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.confused_deputy import ASSUMING, RUNNING, says_for_whom, service_name
from keywright.guardrails.subjects.trusts import ASSUME_ROLE, TrustStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "TRU012"
TITLE = "a service assumes the role for our account alone"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Refuse services that may act for anybody, warn of those that run what they were handed with the role."""
    for each in statement.invitations(ASSUME_ROLE):
        is_deputy = service_name(each) in ASSUMING
        yield from statement.place.answer(
            min(each.is_open, negation(says_for_whom(each))) if is_deputy else Truth.NO,
            CODE,
            f"role {statement.label} trusts a service on whosever behalf it comes",
            found=f"Service `{each.value}`",
            accepted="a condition on `aws:SourceAccount` or `aws:SourceArn`",
            severity=Severity.WARNING if service_name(each) in RUNNING else SEVERITY,
        )
