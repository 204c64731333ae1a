"""RES001: a policy on a resource names who may come.

What it checks
    No Allow of a bucket's, queue's, topic's, key's, secret's, function's or other resource's policy names everyone
    (`"*"`, `AWS: "*"`, a pattern, `NotPrincipal`), unless its conditions, or a Deny beside it, hold callers to accounts,
    an organization, a source or a network.

Why it matters
    Everyone is everyone, with an account of AWS or without. Most of the leaks that made the news were a bucket's policy.

Refused
    Open:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: reports
        PolicyDocument:
          Statement: {Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*"}
    ---
    Open:
      Type: AWS::Lambda::Permission
      Properties: {FunctionName: convert, Action: "lambda:InvokeFunction", Principal: "*"}

Accepted
    Ours:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: reports
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "*"}
              Action: "s3:GetObject"
              Resource: "arn:aws:s3:::reports/*"
              Condition: {StringEquals: {"aws:PrincipalOrgID": o-a1b2c3d4e5}}
    ---
    Key:
      Type: AWS::KMS::Key
      DeletionPolicy: Retain
      UpdateReplacePolicy: Retain
      Properties:
        KeyPolicy:
          Statement: {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:root"}, Action: "kms:*", Resource: "*"}

Blind to
    What blocks public access beside the policy (of a bucket, of the account), access control lists, and whether the
    resource is meant for the public: then declare an exception.

See
    IAM User Guide, "AWS JSON policy elements: Principal"; Amazon S3 User Guide, "The meaning of public".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.confused_deputy import is_held
from keywright.guardrails.subjects.policies import ResourceStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "RES001"
TITLE = "a policy on a resource names who may come"
SEVERITY = Severity.ERROR


def check(statement: ResourceStatement) -> Iterator[Finding]:
    """Refuse an Allow for everyone whom nothing holds."""
    excepts = bool(statement.statement.not_principals) or "NotPrincipal" in statement.statement.unknown
    for each in statement.invitations():
        everyone = Truth.YES if excepts else each.names_everyone
        yield from statement.place.below("NotPrincipal" if excepts else "Principal").answer(
            min(each.is_open, everyone, negation(is_held(each))),
            CODE,
            f"{statement.label} lets everyone in",
            found="`NotPrincipal`" if excepts else f"`{each.shown}`",
            accepted="accounts, roles or services by name, or a condition on `aws:PrincipalOrgID`",
        )
