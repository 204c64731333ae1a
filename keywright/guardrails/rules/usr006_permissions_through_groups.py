"""USR006: users get permissions through groups.

What it checks
    No policy that allows something is attached to an AWS::IAM::User directly: inline, managed, or by a policy that
    names the user. For software, a user with access keys and no login profile, it is a warning.

Why it matters
    Permissions are easy to review on a role or group; permissions of a single user stay when the work changes.
    Software belongs to no group of colleagues, but a role would be better for it.

Refused
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice, ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}
    ---
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice}
    Grants:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: grants
        Users: [alice]
        PolicyDocument: {Statement: {Effect: Allow, Action: "s3:ListAllMyBuckets", Resource: "*"}}

Accepted
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice, Groups: [readers]}
    ---
    Alice:
      Type: AWS::IAM::User
      Properties:
        UserName: alice
        Policies:
          - PolicyName: guard
            PolicyDocument:
              Version: "2012-10-17"
              Statement:
                Effect: Deny
                NotAction: "iam:ChangePassword"
                Resource: "*"
                Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}

Blind to
    What is attached outside the assembly.

See
    CIS AWS Foundations 1.14.
"""

from collections.abc import Iterator

from keywright.assembly.templates.policy_documents import Policy
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.kinds import User
from keywright.reporting.finding import Finding, Severity

CODE = "USR006"
SEVERITY = Severity.ERROR


def check(user: User) -> Iterator[Finding]:
    """Report each property, and each resource, that attaches a policy to a user directly."""
    identity = user.identity
    given = [(each.holder, each.path[1]) for each in identity.inline if _allows(each)]
    given += [
        (each.holder, each.path[1])
        for each in identity.attached
        if each.policy is None or _allows(each.policy)
    ]
    for holder, name in dict.fromkeys(given):
        is_own = holder is identity.resource
        yield Place(holder, ("Properties", name)).fault(
            CODE,
            f"user `{identity.label}` has policies attached directly",
            found=f"`{name}`" if is_own else f"`{holder.label}`",
            accepted="a group with the policies, or a role to assume",
            severity=Severity.WARNING if user.keys and not user.signs_in else SEVERITY,
        )


def _allows(policy: Policy) -> bool:
    # A policy that cannot be read may allow something.
    return any(each.may_allow for each in policy.statements) or bool(policy.unreadable)
