"""USR006: users hold what they may do through groups.

What it checks
    No policy that allows something is attached to an AWS::IAM::User directly: inline, managed, or by a policy that names
    the user. For software, a user with access keys and no login, it is a warning.

Why it matters
    What somebody may do is seen where the role or group is; a right of one's own stays when the work has changed.
    Software has no colleagues, but a role would serve it better.

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
    What is attached outside of the assembly.

See
    CIS AWS Foundations 1.14.
"""

from collections.abc import Iterator

from keywright.assembly.templates.policy_documents import Policy
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.kinds import User
from keywright.reporting.finding import Finding, Severity

CODE = "USR006"
TITLE = "users hold what they may do through groups"
SEVERITY = Severity.ERROR


def check(user: User) -> Iterator[Finding]:
    """Refuse each property, and each resource, that gives a user something of its own."""
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
            f"user `{identity.label}` has policies of its own",
            found=f"`{name}`" if is_own else f"`{holder.label}`",
            accepted="a group that has them, or a role to assume",
            severity=Severity.WARNING if user.keys and not user.signs_in else SEVERITY,
        )


def _allows(policy: Policy) -> bool:
    return any(each.may_allow for each in policy.statements) or bool(policy.unreadable)
