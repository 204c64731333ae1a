"""RES002: a service reaches a resource for our account alone.

What it checks
    Where an Allow on a resource names a service that says for whom it acts (Amazon S3, Amazon SNS, Amazon EventBridge,
    AWS CloudTrail …), it asks for `aws:SourceAccount`, `aws:SourceArn` or the organization of the source; of a function's
    permission, `SourceAccount`, `SourceArn`, `PrincipalOrgID` or `EventSourceToken`. For Amazon EventBridge on a topic it
    is a warning: for long it sent no keys there.

Why it matters
    Anybody's bucket can send its events to our function, anybody's trail can write its logs into our bucket.

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
    Services that are not known to send the keys. Amazon S3 names no account in a bucket's ARN: with `aws:SourceArn` alone
    whoever takes the name of a deleted bucket comes in.

See
    IAM User Guide, "The confused deputy problem"; AWS Lambda Developer Guide, "Grant permissions to AWS services".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.allowed_principals import Invitation
from keywright.guardrails.subjects.confused_deputy import CALLING, is_held, says_for_whom, service_name
from keywright.guardrails.subjects.policies import ResourceStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "RES002"
TITLE = "a service reaches a resource for our account alone"
SEVERITY = Severity.ERROR


def check(statement: ResourceStatement) -> Iterator[Finding]:
    """Refuse services that may act for anybody."""
    for each in statement.invitations():
        is_deputy = service_name(each) in CALLING
        held = max(says_for_whom(each), is_held(each))
        yield from statement.place.answer(
            min(each.is_open, negation(held)) if is_deputy else Truth.NO,
            CODE,
            f"{statement.label} lets a service in on whosever behalf it comes",
            found=f"Service `{each.value}`",
            accepted="a condition on `aws:SourceAccount` or `aws:SourceArn`",
            severity=Severity.WARNING if _was_mute(each, statement) else SEVERITY,
        )


def _was_mute(invitation: Invitation, statement: ResourceStatement) -> bool:
    return service_name(invitation) == "events" and statement.policy.holder.type.startswith("AWS::SNS::")
