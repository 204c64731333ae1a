"""TRU011: a role's session lasts no longer than a working day.

What it checks
    `MaxSessionDuration` of an AWS::IAM::Role is at most 28,800 seconds, eight hours.

Why it matters
    What is copied from a session, or from the laptop that holds it, works until the session ends; nothing short of a
    new policy ends it sooner.

Refused
    Operate:
      Type: AWS::IAM::Role
      Properties: {MaxSessionDuration: 43200}

Accepted
    Operate:
      Type: AWS::IAM::Role
      Properties: {MaxSessionDuration: 3600}
    ---
    Operate:
      Type: AWS::IAM::Role

Blind to
    How long the sessions really are that somebody asks for, and sessions of services, which renew themselves.

See
    IAM User Guide, "Update the maximum session duration for a role"; "Revoke IAM role temporary security credentials".
"""

from collections.abc import Iterator

from keywright.assembly.value import ABSENT, Absent, as_text, readings
from keywright.finding import Finding, Severity
from keywright.guardrails.subjects import Setting
from keywright.policy.truth import Truth, truth

CODE = "TRU011"
TITLE = "a role's session lasts no longer than a working day"
SEVERITY = Severity.WARNING

LONGEST = 8 * 60 * 60


def check(setting: Setting) -> Iterator[Finding]:
    """Warn of a longer maximum."""
    resource = setting.resource
    if resource.type != "AWS::IAM::Role":
        return
    for value in readings(resource.properties.get("MaxSessionDuration", ABSENT)):
        if isinstance(value, Absent):
            continue
        literal = as_text(value).literal
        is_long = (
            truth(literal.isdecimal() and int(literal) > LONGEST) if literal is not None else Truth.MAYBE
        )
        yield from setting.place.below("Properties", "MaxSessionDuration").answer(
            is_long,
            CODE,
            f"sessions of role `{resource.label}` may last longer than a working day",
            found=f"MaxSessionDuration `{as_text(value)}`",
            accepted=f"at most `{LONGEST}` seconds",
        )
