"""USR004: users who sign in have no access key.

What it checks
    No AWS::IAM::AccessKey belongs to a user that signs in (`LoginProfile`, or a first sign-in by the identity
    keeper).

Why it matters
    An access key does not expire, needs no MFA, and is copied from laptop to laptop. People get temporary credentials
    from their sign-in (`aws login`) or from a role.

Refused
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice, LoginProfile: {Password: "{{resolve:secretsmanager:first:SecretString}}"}}
    Key:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: !Ref Alice}

Accepted
    Scanner:
      Type: AWS::IAM::User
      Properties: {UserName: scanner}
    Key:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: !Ref Scanner}

Blind to
    Keys that people create themselves; the permissions boundary and `keywright verify` cover those.

See
    CIS AWS Foundations 1.10 and 1.12.
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.subjects.kinds import User
from keywright.reporting.finding import Finding, Severity

CODE = "USR004"
SEVERITY = Severity.ERROR


def check(user: User) -> Iterator[Finding]:
    """Report a key of a user who signs in."""
    keys = user.keys
    if user.signs_in and keys:
        yield user.place.fault(
            CODE,
            f"user `{user.identity.label}` signs in and has an access key",
            found=listed(key.label for key in keys),
            accepted="`aws login`, or a role to assume; a separate user for software",
            see=tuple(key.location for key in keys),
        )
