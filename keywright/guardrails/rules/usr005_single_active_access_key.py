"""USR005: users have at most one active access key.

What it checks
    At most one AWS::IAM::AccessKey of a user is `Active`, which is the default.

Why it matters
    Two active keys are needed only while one replaces the other. A forgotten second key is never rotated. In our own
    app `keywright validate` counts the days of that overlap, so that it is advice only.

Refused
    First:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: scanner}
    Second:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: scanner, Serial: 2}
    Scanner:
      Type: AWS::IAM::User
      Properties: {UserName: scanner}

Accepted
    First:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: scanner, Status: Inactive}
    Second:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: scanner, Serial: 2}
    Scanner:
      Type: AWS::IAM::User
      Properties: {UserName: scanner}

Blind to
    How long the overlap has lasted, which the template does not show: while one key replaces another, declare an
    exception that expires with it. How old a key is: no template shows when AWS created it; the declarations enforce
    `maximum_age`, and `keywright compliance` names how to check the account.

See
    CIS AWS Foundations 1.12.
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import ABSENT, Absent, as_text, possible_values
from keywright.guardrails.place import listed
from keywright.guardrails.subjects.kinds import User
from keywright.reporting.finding import Finding, Severity

CODE = "USR005"
SEVERITY = Severity.ERROR
IN_OURS = Severity.ADVICE


def check(user: User) -> Iterator[Finding]:
    """Report a second active key."""
    active = [
        key
        for key in user.keys
        # Without `Status` a key is active (AWS::IAM::AccessKey).
        if any(
            isinstance(each, Absent) or as_text(each).may_be("Active")
            for each in possible_values(key.properties.get("Status", ABSENT))
        )
    ]
    if len(active) > 1:
        yield user.place.fault(
            CODE,
            f"user `{user.identity.label}` has {len(active)} active access keys",
            found=listed(key.label for key in active),
            accepted="one `Active` key, the other `Inactive` until it is deleted",
            see=tuple(key.location for key in active),
        )
