"""INV001: every `never` invariant holds.

What it checks
    Each `never:` of the declarations, or of `keywright-invariants.yaml` beside the templates, is proved: no principal
    that it applies to can make any such request, by its own policies, by those of its groups, through roles that it
    can assume, or by resource-based policies. Where it applies to everyone, such a policy does not allow external
    principals either. Boundaries, denials and conditions are evaluated; what is undecided is reported and is no
    proof.

Why it matters
    A rule finds a dangerous statement. What an account guarantees (backups that nobody can delete, data that stays
    inside) depends on all statements together, and on the next one that somebody adds in good faith.

Refused
    never: {who: everyone, can: "s3:DeleteObject", on: "arn:aws:s3:::backups/*"}
    Cleaner:
      Type: AWS::IAM::Role
      Properties:
        RoleName: cleaner
        AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
        Policies:
          - PolicyName: clean
            PolicyDocument:
              Version: "2012-10-17"
              Statement: {Effect: Allow, Action: "s3:DeleteObject*", Resource: "arn:aws:s3:::backups/old/*"}

Accepted
    never: {who: everyone, can: "s3:DeleteObject", on: "arn:aws:s3:::backups/*", except: role/cleaner}
    Cleaner:
      Type: AWS::IAM::Role
      Properties:
        RoleName: cleaner
        AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
        Policies:
          - PolicyName: clean
            PolicyDocument:
              Version: "2012-10-17"
              Statement: {Effect: Allow, Action: "s3:DeleteObject", Resource: "arn:aws:s3:::backups/old/*"}

Blind to
    Principals that the templates do not declare and that no policy names; control policies of an organization;
    privilege escalation, such as passing a role to a service (see ESC001); access that no policy of a template
    grants: S3 access grants, permission sets of other templates, resource shares.

See
    The how-to guide "Define invariants".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.reporting.finding import Finding, Severity

CODE = "INV001"
SEVERITY = Severity.ERROR


def check(view: AssemblyView) -> Iterator[Finding]:
    """Report each place that grants what an invariant forbids."""
    yield from view.invariant_findings(CODE, "never")
