"""QTA002: identities are within IAM's quotas for policies, groups, access keys and tags.

What it checks
    A role, user, group or permission set has at most 10 managed policies, a user at most 10 groups and 2 access keys,
    and any identity at most 50 tags. On request AWS raises the number of managed policies to 25 for a role and 20 for
    a user: then declare an exception.

Why it matters
    The eleventh policy or group fails in the middle of a deployment, which rolls back.

Refused
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice, Groups: [a, b, c, d, e, f, g, h, i, j, k]}
    ---
    One: {Type: AWS::IAM::AccessKey, Properties: {UserName: scanner}}
    Two: {Type: AWS::IAM::AccessKey, Properties: {UserName: scanner}}
    Three: {Type: AWS::IAM::AccessKey, Properties: {UserName: scanner, Status: Inactive}}
    Scanner: {Type: AWS::IAM::User, Properties: {UserName: scanner}}

Accepted
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice, Groups: [a, b, c, d, e, f, g, h, i, j]}

Blind to
    What other assemblies, or people, add to the same identity.

See
    IAM User Guide, "IAM and AWS STS quotas".
"""

from collections.abc import Iterator

from keywright.assembly.identities.collection import Identity
from keywright.assembly.templates.value import ABSENT, possible_values
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.kinds import User, users
from keywright.policy.matching.context import Truth
from keywright.policy.quotas import GROUPS_PER_USER, KEYS_PER_USER, MANAGED, TAGS, Quota
from keywright.reporting.finding import Finding, Severity

CODE = "QTA002"
SEVERITY = Severity.ERROR


def check(view: AssemblyView) -> Iterator[Finding]:
    """Report what exceeds a quota, under any of the template's conditions."""
    for identity in view.identities.all:
        own = set(_possible_counts(identity, "ManagedPolicyArns"))
        others = len({each.arn for each in identity.attached if each.holder is not identity.resource})
        counts = {each + others for each in own}
        yield from _check_count(
            identity, counts, MANAGED[identity.kind], "managed policies", "ManagedPolicyArns"
        )
        yield from _check_count(identity, set(_possible_counts(identity, "Tags")), TAGS, "tags", "Tags")
    for role in view.permission_set_roles:
        count = {len({each.arn for each in role.attached})}
        yield from _check_count(role, count, MANAGED["role"], "managed policies", "ManagedPolicies")
    for user in users(view):
        yield from _check_user(user)


def _check_user(user: User) -> Iterator[Finding]:
    added = len(set(user.identity.groups)) - max(_possible_counts(user.identity, "Groups"))
    groups = {each + max(added, 0) for each in _possible_counts(user.identity, "Groups")}
    yield from _check_count(user.identity, groups, GROUPS_PER_USER, "groups", "Groups")
    yield from _check_count(user.identity, {len(user.keys)}, KEYS_PER_USER, "access keys")


def _possible_counts(identity: Identity, name: str) -> list[int]:
    """Return the possible lengths of a list property."""
    found = possible_values(identity.resource.properties.get(name, ABSENT))
    return [len(each) if isinstance(each, tuple) else 0 for each in found]


def _check_count(
    identity: Identity, counts: set[int], quota: Quota, what: str, name: str = ""
) -> Iterator[Finding]:
    least, most = min(counts), max(counts)
    if most <= quota.default:
        return
    place = Place(identity.resource, ("Properties", name)) if name else Place(identity.resource)
    yield from place.answer(
        Truth.YES if least > quota.default else Truth.MAYBE,
        CODE,
        f"{identity.kind} `{identity.label}` exceeds the quota for {what}",
        found=f"{most} {what}",
        accepted=quota.accepted,
    )
