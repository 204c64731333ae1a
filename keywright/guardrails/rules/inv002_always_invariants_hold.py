"""INV002: every `always` invariant holds.

What it checks
    Each `always:` of the declarations, or of `keywright-invariants.yaml` beside the templates, is proved: every
    principal that it names can make every such request, as itself or with one role that it can assume. Boundaries,
    denials, resource-based policies and conditions are evaluated: where MFA is required, the invariant says `when:
    {with: mfa}`. Requests use TLS unless the invariant says otherwise.

Why it matters
    A denial that is too wide locks out those who could correct it, and that is noticed only when their access is
    needed.

Refused
    always: {who: role/rescue, can: "iam:*", on: "*"}
    Rescue:
      Type: AWS::IAM::Role
      Properties:
        RoleName: rescue
        AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
        Policies:
          - PolicyName: rescue
            PolicyDocument:
              Version: "2012-10-17"
              Statement:
                - {Effect: Allow, Action: "iam:Get*", Resource: "*"}
                - {Effect: Deny, Action: "iam:DeleteRole", Resource: "*"}

Accepted
    always: {who: role/auditor, can: ["iam:GetRole", "iam:ListRoles"], on: "*"}
    Auditor:
      Type: AWS::IAM::Role
      Properties:
        RoleName: auditor
        AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
        Policies:
          - PolicyName: audit
            PolicyDocument:
              Version: "2012-10-17"
              Statement:
                - {Effect: Allow, Action: ["iam:GetRole", "iam:ListRoles"], Resource: "*"}
                - {Effect: Deny, Action: "iam:DeleteRole", Resource: "*"}

Blind to
    Control policies of an organization, which may deny the request; requests that need two roles one after the other.

See
    The how-to guide "Define invariants".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.reporting.finding import Finding, Severity

CODE = "INV002"
SEVERITY = Severity.ERROR


def check(view: AssemblyView) -> Iterator[Finding]:
    """Report each request that an invariant requires and that is not allowed."""
    yield from view.invariant_findings(CODE, "always")
