"""INV001: what nobody may do, nobody can.

What it checks
    Each `never:` of the declarations, or of `keywright-invariants.yaml` beside the templates, is proved: nobody whom it
    binds can make any such request, by its own policies, by those of its groups, through roles that it can assume, nor by
    the policies that hang on resources. Where it binds everyone, such a policy lets in nobody else either. Boundaries,
    denials and conditions count; what cannot be decided is said and is no proof.

Why it matters
    A rule finds a dangerous statement. What an account promises (backups that nobody deletes, data that stays inside)
    hangs on all statements together, and on the next one that somebody writes in good faith.

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
    Principals that the templates do not declare and no policy names; control policies of an organization; ways to more
    privilege, such as passing a role to a service (ESC001 looks for them); access that no policy of a template grants:
    keys of S3 access grants, permission sets of other templates, resource shares.

See
    `docs/how-to/define-invariants.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.subjects.assembly_view import Whole  # noqa: TC001 - the engine reads what the rule is about
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "INV001"
TITLE = "what nobody may do, nobody can"
SEVERITY = Severity.ERROR


def check(whole: Whole) -> Iterator[Finding]:
    """Refuse each place at which somebody is given what an invariant forbids."""
    yield from whole.proofs_of(CODE, "never")
