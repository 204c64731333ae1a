"""TRU011: a role's session lasts no longer than a working day.

What it checks
    `MaxSessionDuration` of an AWS::IAM::Role that somebody else than a service assumes is at most 28,800 seconds, eight
    hours; and so is `SessionDuration` of an AWS::SSO::PermissionSet.

Why it matters
    What is copied from a session, or from the laptop that holds it, works until the session ends; nothing short of a
    new policy ends it sooner.

Refused
    Operate:
      Type: AWS::IAM::Role
      Properties:
        MaxSessionDuration: 43200
        AssumeRolePolicyDocument:
          Statement: {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:root"}, Action: "sts:AssumeRole"}

    ---
    Operate:
      Type: AWS::SSO::PermissionSet
      Properties: {Name: operate, SessionDuration: PT12H}

Accepted
    Operate:
      Type: AWS::IAM::Role
      Properties: {MaxSessionDuration: 3600}
    ---
    Convert:
      Type: AWS::IAM::Role
      Properties:
        MaxSessionDuration: 43200
        AssumeRolePolicyDocument:
          Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}

Blind to
    How long the sessions really are that somebody asks for. Sessions of services renew themselves, however long they are.

See
    IAM User Guide, "Update the maximum session duration for a role"; "Revoke IAM role temporary security credentials".
"""

from collections.abc import Iterator

from keywright.assembly.identities.collection import Identity
from keywright.assembly.identities.identity_center import lasting
from keywright.assembly.templates.template import Resource
from keywright.assembly.templates.value import ABSENT, Absent, as_text, readings
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.assembly_view import Whole
from keywright.policy.matching.context import Truth, truth
from keywright.reporting.finding import Finding, Severity

CODE = "TRU011"
TITLE = "a role's session lasts no longer than a working day"
SEVERITY = Severity.ERROR

LONGEST = 8 * 60 * 60


def check(whole: Whole) -> Iterator[Finding]:
    """Refuse a longer maximum."""
    for role in whole.identities.roles:
        if not _is_for_services(role):
            yield from _too_long(role.resource)
    for role in whole.of_center:
        yield from _too_long_by_center(role.resource)


def _is_for_services(role: Identity) -> bool:
    if role.trust is None or role.trust.unreadable:
        return False
    allows = [each for each in role.trust.statements if each.may_allow]
    return bool(allows) and all(set(each.principals) == {"Service"} and not each.unknown for each in allows)


def _too_long_by_center(resource: Resource) -> Iterator[Finding]:
    for value in readings(resource.properties.get("SessionDuration", ABSENT)):
        if isinstance(value, Absent):
            continue
        lasts = lasting(as_text(value).literal)
        yield from Place(resource, ("Properties", "SessionDuration")).answer(
            Truth.MAYBE if lasts is None else truth(lasts > LONGEST),
            CODE,
            f"sessions of permission set `{resource.label}` may last longer than a working day",
            found=f"SessionDuration `{as_text(value)}`",
            accepted="at most `PT8H`",
        )


def _too_long(resource: Resource) -> Iterator[Finding]:
    for value in readings(resource.properties.get("MaxSessionDuration", ABSENT)):
        if isinstance(value, Absent):
            continue
        literal = as_text(value).literal
        is_long = (
            truth(literal.isdecimal() and int(literal) > LONGEST) if literal is not None else Truth.MAYBE
        )
        yield from Place(resource, ("Properties", "MaxSessionDuration")).answer(
            is_long,
            CODE,
            f"sessions of role `{resource.label}` may last longer than a working day",
            found=f"MaxSessionDuration `{as_text(value)}`",
            accepted=f"at most `{LONGEST}` seconds",
        )
