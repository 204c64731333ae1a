"""TRU011: role sessions last at most eight hours.

What it checks
    `MaxSessionDuration` of an AWS::IAM::Role that is assumed by others than services is at most 28,800 seconds, eight
    hours; and so is `SessionDuration` of an AWS::SSO::PermissionSet.

Why it matters
    Credentials that are copied from a session, or from the laptop that has it, work until the session ends; only a
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
    How long a session is requested for. Sessions of services are renewed automatically, whatever their duration.

See
    IAM User Guide, "Update the maximum session duration for a role"; "Revoke IAM role temporary security credentials".
"""

from collections.abc import Iterator

from keywright.assembly.identities.collection import Identity
from keywright.assembly.identities.identity_center import duration_seconds
from keywright.assembly.templates.template import Resource
from keywright.assembly.templates.value import ABSENT, Absent, as_text, possible_values
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.policy.matching.context import Truth, truth
from keywright.reporting.finding import Finding, Severity

CODE = "TRU011"
SEVERITY = Severity.ERROR

MAXIMUM_SECONDS = 8 * 60 * 60


def check(view: AssemblyView) -> Iterator[Finding]:
    """Report a longer maximum."""
    for role in view.identities.roles:
        if not _is_for_services(role):
            yield from _check_role(role.resource)
    for role in view.permission_set_roles:
        yield from _check_permission_set(role.resource)


def _is_for_services(role: Identity) -> bool:
    # A trust policy that cannot be read may allow people.
    if role.trust is None or role.trust.unreadable:
        return False
    allows = [each for each in role.trust.statements if each.may_allow]
    return bool(allows) and all(set(each.principals) == {"Service"} and not each.unknown for each in allows)


def _check_permission_set(resource: Resource) -> Iterator[Finding]:
    for value in possible_values(resource.properties.get("SessionDuration", ABSENT)):
        if isinstance(value, Absent):
            continue
        lasts = duration_seconds(as_text(value).literal)
        yield from Place(resource, ("Properties", "SessionDuration")).answer(
            Truth.MAYBE if lasts is None else truth(lasts > MAXIMUM_SECONDS),
            CODE,
            f"sessions of permission set `{resource.label}` can last longer than eight hours",
            found=f"SessionDuration `{as_text(value)}`",
            accepted="at most `PT8H`",
        )


def _check_role(resource: Resource) -> Iterator[Finding]:
    for value in possible_values(resource.properties.get("MaxSessionDuration", ABSENT)):
        if isinstance(value, Absent):
            continue
        literal = as_text(value).literal
        is_long = (
            truth(literal.isdecimal() and int(literal) > MAXIMUM_SECONDS)
            if literal is not None
            else Truth.MAYBE
        )
        yield from Place(resource, ("Properties", "MaxSessionDuration")).answer(
            is_long,
            CODE,
            f"sessions of role `{resource.label}` can last longer than eight hours",
            found=f"MaxSessionDuration `{as_text(value)}`",
            accepted=f"at most `{MAXIMUM_SECONDS}` seconds",
        )
