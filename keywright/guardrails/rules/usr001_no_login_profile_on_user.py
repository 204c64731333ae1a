"""USR001: users have no LoginProfile property.

What it checks
    No AWS::IAM::User has a `LoginProfile`.

Why it matters
    CloudFormation resolves the password again whenever the user resource is updated, so that a later, unrelated
    change may reset the password to the initial one. It is a convention of this project: a warning of
    `--profile strict` on other templates.

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
    Login profiles that a custom resource creates, including the identity keeper's.

See
    CloudFormation template reference, AWS::IAM::User LoginProfile.
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import Absent
from keywright.guardrails.subjects.kinds import User
from keywright.reporting.finding import Finding, Severity

CODE = "USR001"
SEVERITY = Severity.ERROR
CONVENTION = True


def check(user: User) -> Iterator[Finding]:
    """Report a user with a `LoginProfile`."""
    # Terraform sets a password once, when it creates the login profile.
    if not user.identity.resource.template.source.is_stack:
        return
    if any(not isinstance(each, Absent) for each in user.identity.resource.possible_values("LoginProfile")):
        yield user.place.below("Properties", "LoginProfile").fault(
            CODE,
            f"user `{user.identity.label}` may have its initial password set again by an update",
            found="`LoginProfile`",
            accepted="a login profile that is created once, outside the user resource",
        )
