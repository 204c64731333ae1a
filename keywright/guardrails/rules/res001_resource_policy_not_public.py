"""RES001: resource-based policies do not allow public access.

What it checks
    No Allow in the policy of a bucket, queue, topic, key, secret, function or other resource names everyone (`"*"`,
    `AWS: "*"`, a pattern, `NotPrincipal`), unless its conditions, or a Deny in the same policy, restrict callers to
    accounts, an organization, a source or a network.

Why it matters
    Public access includes callers without an AWS account. Most published data leaks began with a public bucket
    policy.

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
    Settings that block public access (of the bucket, of the account), access control lists, and whether the resource
    is public on purpose: then declare an exception.

See
    IAM User Guide, "AWS JSON policy elements: Principal"; Amazon S3 User Guide, "The meaning of public".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.confused_deputy import restricts_callers
from keywright.guardrails.subjects.policies import ResourceStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "RES001"
SEVERITY = Severity.ERROR


def check(statement: ResourceStatement) -> Iterator[Finding]:
    """Report an Allow for everyone that nothing restricts."""
    # The permission of a public function URL, which RES003 reports.
    if statement.policy.holder.type == "AWS::Lambda::Permission" and statement.place.is_generated:
        return
    excepts = bool(statement.statement.not_principals) or "NotPrincipal" in statement.statement.unknown
    for each in statement.allowed_principals():
        everyone = Truth.YES if excepts else each.names_everyone
        yield from statement.place.below("NotPrincipal" if excepts else "Principal").answer(
            min(each.is_allowed, everyone, negation(restricts_callers(each))),
            CODE,
            f"{statement.label} allows public access",
            found="`NotPrincipal`" if excepts else f"`{each.shown}`",
            accepted="accounts, roles or services by name, or a condition on `aws:PrincipalOrgID`",
        )
