"""USR005: one access key of a user is active.

What it checks
    At most one AWS::IAM::AccessKey of a user is `Active`, its default.

Why it matters
    Two are needed only while one replaces the other. A forgotten second key is one that nobody rotates. In our own app
    `keywright validate` counts the days of that overlap, so that there it is mere advice.

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
    How long the overlap has lasted, which the template does not say: while one key replaces another, declare an
    exception that ends with it. How old a key is: no template says when AWS made it, and a day written into one would be a
    claim; `maximum_age` is held by the declarations, and `keywright compliance` names how to look in the account.

See
    CIS AWS Foundations 1.12.
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import ABSENT, Absent, as_text, readings
from keywright.guardrails.subjects.kinds import User
from keywright.guardrails.value_list import listed
from keywright.reporting.finding import Finding, Severity

CODE = "USR005"
TITLE = "one access key of a user is active"
SEVERITY = Severity.ERROR
IN_OURS = Severity.ADVICE


def check(user: User) -> Iterator[Finding]:
    """Refuse the second active key."""
    active = [
        key
        for key in user.keys
        if any(
            isinstance(each, Absent) or as_text(each).may_be("Active")
            for each in readings(key.properties.get("Status", ABSENT))
        )
    ]
    if len(active) > 1:
        yield user.place.fault(
            CODE,
            f"user `{user.identity.label}` has {len(active)} active access keys",
            found=listed(key.label for key in active),
            accepted="one `Active`, the other `Inactive` until it goes",
            see=tuple(key.location for key in active),
        )
