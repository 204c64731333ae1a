"""INV002: what somebody must be able to do, it can.

What it checks
    Each `always:` of the declarations, or of `keywright-invariants.yaml` beside the templates, is proved: everyone whom it
    names can make every such request, as itself or as one role that it can assume. Boundaries, denials, the policies of
    resources and conditions count: where a second factor is asked for, the invariant says `when: {with: mfa}`. A request
    comes over TLS unless the invariant says otherwise.

Why it matters
    A denial that is too wide locks out the one who could take it back, and that shows on the day it is needed.

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
    Control policies of an organization, which may deny it; requests for which two roles are needed one after the other.

See
    `docs/how-to/define-invariants.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.subjects.assembly_view import Whole  # noqa: TC001 - the engine reads what the rule is about
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "INV002"
TITLE = "what somebody must be able to do, it can"
SEVERITY = Severity.ERROR


def check(whole: Whole) -> Iterator[Finding]:
    """Refuse each request that an invariant wants to be possible and that is not."""
    yield from whole.proofs_of(CODE, "always")
