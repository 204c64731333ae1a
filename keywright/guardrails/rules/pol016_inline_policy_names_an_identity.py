"""POL016: inline policies name the user, group or role they belong to.

What it checks
    An `AWS::IAM::Policy` has at least one of `Users`, `Groups` and `Roles`.

Why it matters
    CloudFormation refuses the policy at deployment: at least one of the three must not be empty. A policy that is meant to
    be attached later is an `AWS::IAM::ManagedPolicy`.

Refused
    Reading:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: reading
        PolicyDocument: {Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*"}}

Accepted
    Reading:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: reading
        Roles: [reader]
        PolicyDocument: {Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*"}}

Blind to
    Names of identities that do not exist.

See
    CloudFormation Template Reference, "AWS::IAM::Policy".
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import ABSENT, Absent, possible_values
from keywright.guardrails.subjects.kinds import ResourceSetting
from keywright.reporting.finding import Finding, Severity

CODE = "POL016"
SEVERITY = Severity.ERROR

_LISTS = ("Users", "Groups", "Roles")


def check(setting: ResourceSetting) -> Iterator[Finding]:
    """Report an inline policy of nobody."""
    resource = setting.resource
    if resource.type != "AWS::IAM::Policy":
        return
    values = (value for name in _LISTS for value in possible_values(resource.properties.get(name, ABSENT)))
    if all(isinstance(each, Absent) or each == () for each in values):
        yield setting.place.fault(
            CODE,
            f"inline policy `{resource.label}` names no user, group or role, which CloudFormation refuses",
            found="no `Users`, `Groups` or `Roles`",
            accepted="one of the three, or an `AWS::IAM::ManagedPolicy`",
        )
