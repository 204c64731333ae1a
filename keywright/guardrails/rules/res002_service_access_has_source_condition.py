"""RES002: service principals in resource-based policies have a confused-deputy condition.

What it checks
    Where an Allow on a resource names a service that sends confused-deputy context keys (Amazon S3, Amazon SNS,
    Amazon EventBridge, AWS CloudTrail …), it has a condition on `aws:SourceAccount`, `aws:SourceArn` or the source
    organization; a Lambda permission has `SourceAccount`, `SourceArn`, `PrincipalOrgID` or `EventSourceToken`. For
    Amazon EventBridge on a topic it is a warning: for a long time it sent no keys there.

Why it matters
    Without it, a bucket of any account can send its events to the function, and a trail of any account can write its
    logs into the bucket.

Refused
    Convert:
      Type: AWS::Lambda::Permission
      Properties: {FunctionName: convert, Action: "lambda:InvokeFunction", Principal: s3.amazonaws.com}

Accepted
    Convert:
      Type: AWS::Lambda::Permission
      Properties:
        FunctionName: convert
        Action: "lambda:InvokeFunction"
        Principal: s3.amazonaws.com
        SourceAccount: "111111111111"

Blind to
    Services that are not known to send the keys. The ARN of a bucket names no account: with `aws:SourceArn` alone,
    whoever registers the name of a deleted bucket gets access.

See
    IAM User Guide, "The confused deputy problem"; AWS Lambda Developer Guide, "Grant permissions to AWS services".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.allowed_principals import AllowedPrincipal
from keywright.guardrails.subjects.confused_deputy import (
    SERVICES_CALLING_WITH_SOURCE,
    has_source_condition,
    restricts_callers,
    service_name,
)
from keywright.guardrails.subjects.policies import ResourceStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "RES002"
SEVERITY = Severity.ERROR


def check(statement: ResourceStatement) -> Iterator[Finding]:
    """Report services that may act for any account."""
    for each in statement.allowed_principals():
        is_deputy = service_name(each) in SERVICES_CALLING_WITH_SOURCE
        restricted = max(has_source_condition(each), restricts_callers(each))
        yield from statement.place.answer(
            min(each.is_allowed, negation(restricted)) if is_deputy else Truth.NO,
            CODE,
            f"{statement.label} allows a service without a confused-deputy condition",
            found=f"Service `{each.value}`",
            accepted="a condition on `aws:SourceAccount` or `aws:SourceArn`",
            severity=Severity.WARNING if _sent_no_keys_before(each, statement) else SEVERITY,
        )


def _sent_no_keys_before(principal: AllowedPrincipal, statement: ResourceStatement) -> bool:
    # EventBridge began to send the keys to topics long after other services.
    return service_name(principal) == "events" and statement.policy.holder.type.startswith("AWS::SNS::")
