"""USR001: a user's login is no property of the user.

What it checks
    No AWS::IAM::User has a `LoginProfile`.

Why it matters
    CloudFormation resolves the password again whenever the user's resource is updated, so that a later, unrelated edit
    may set the first password again. It is our convention: a warning on templates of others.

Refused
    Alice:
      Type: AWS::IAM::User
      Properties:
        UserName: alice
        LoginProfile: {Password: "{{resolve:secretsmanager:first:SecretString}}", PasswordResetRequired: true}

Accepted
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice}

Blind to
    Logins that a custom resource makes, ours among them.

See
    CloudFormation template reference, AWS::IAM::User LoginProfile.
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import Absent
from keywright.guardrails.subjects.kinds import User
from keywright.reporting.finding import Finding, Severity

CODE = "USR001"
TITLE = "a user's login is no property of the user"
SEVERITY = Severity.ERROR
CONVENTION = True


def check(user: User) -> Iterator[Finding]:
    """Refuse a user with a login of its own."""
    if any(not isinstance(each, Absent) for each in user.identity.resource.readings("LoginProfile")):
        yield user.place.below("Properties", "LoginProfile").fault(
            CODE,
            f"user `{user.identity.label}` may get its first password again at an update",
            found="`LoginProfile`",
            accepted="a login that is made once, apart from the user",
        )
