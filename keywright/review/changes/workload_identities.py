"""Changes of workload identities: trust anchors and profiles of IAM Roles Anywhere, EKS Pod Identity associations.

The trust policy of a role names the service, and these resources decide which workloads can use it. Sources: "The IAM Roles Anywhere trust
model", IAM Roles Anywhere User Guide; "Learn how EKS Pod Identity grants pods access to AWS services", Amazon EKS User Guide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.value import ABSENT, Absent, Text, as_texts
from keywright.model.trusts.certificates import NoCertificateError, certificates_in, revoked_in
from keywright.review.result import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Resource
    from keywright.assembly.templates.value import Value


PROFILE = "AWS::RolesAnywhere::Profile"
_LIMITS = ("ManagedPolicyArns", "SessionPolicy")


def session_policy_changes(was: Resource | None, now: Resource) -> Fact | None:
    """Report a change of a profile's session policies, if nothing else in the profile changed.

    None if more has changed, or if policies were exchanged for others.
    """
    if (
        was is None
        or {was.type, now.type} != {PROFILE}
        or _other_properties(was) is None
        or _other_properties(was) != _other_properties(now)
    ):
        return None
    before, after = session_policies(was), session_policies(now)
    if before is None or after is None or before == after:
        return None
    # Session policies limit together as a union, so one more allows more, and none at all removes the limit.
    if not after or (before and before < after):
        says = (
            "its sessions can do everything that their role allows"
            if not after
            else f"its sessions can also do {limits_text(after - before)}"
        )
        return Fact(
            "door", now.title, f"{says}; before, at most {limits_text(before)}", now.location, widens=True
        )
    if not before or after < before:
        return Fact(
            "door", now.title, f"its sessions can do at most {limits_text(after)}", now.location, narrows=True
        )
    return None


def limits_text(limits: frozenset[str]) -> str:
    """Describe what session policies allow."""
    return "what " + " or ".join(quoted(each) for each in sorted(limits)) + " allows"


def session_policies(profile: Resource) -> frozenset[str] | None:
    """Give the session policies; None if one is known only at deployment."""
    found: list[str] = []
    for key in _LIMITS:
        several = profile.possible_values(key)
        if len(several) != 1:
            return None
        texts = [] if isinstance(several[0], Absent) else list(as_texts(several[0]))
        if any(each.literal is None for each in texts):
            return None
        found += [each.literal for each in texts if each.literal]
    return frozenset(found)


def _other_properties(profile: Resource) -> Any:
    """Give all other properties; None if they contain anything but literals and references to roles."""
    properties = profile.raw.get("Properties")
    if not isinstance(properties, dict) or set(profile.raw) & {"Condition"}:
        return None
    rest = {key: each for key, each in properties.items() if key not in _LIMITS}
    return rest if all(map(_is_plain_node, rest.values())) else None


def _is_plain_node(node: Any) -> bool:
    if isinstance(node, list):
        return all(map(_is_plain_node, node))
    return not isinstance(node, dict) or set(node) == {"Fn::GetAtt"}


ANCHOR = "AWS::RolesAnywhere::TrustAnchor"
REVOCATION_LIST = "AWS::RolesAnywhere::CRL"
ASSOCIATION = "AWS::EKS::PodIdentityAssociation"
WORKLOAD_TYPES = frozenset({ANCHOR, REVOCATION_LIST, ASSOCIATION})
"""The types that this module reports."""
_DATA = ("Source", "SourceData")


def is_unchanged(was: Resource, now: Resource) -> bool:
    """Tell whether a resource is unchanged: it depends only on its own properties, not on what they refer to."""
    if (
        was.type != now.type
        or now.type not in WORKLOAD_TYPES | {PROFILE}
        or "Condition" in {*was.raw, *now.raw}
    ):
        return False
    keys = {*was.properties, *now.properties}
    pairs = ((was.properties.get(key, ABSENT), now.properties.get(key, ABSENT)) for key in keys)
    return all(before == after and _is_plain(after) for before, after in pairs)


def _is_plain(value: Value) -> bool:
    """Tell whether a property has one possible value, in which only names may be unknown until deployment."""
    match value:
        case Absent():
            return True
        case Text():
            return value.is_single
        case tuple():
            return all(map(_is_plain, value))
        case Mapping():
            return all(map(_is_plain, value.values()))
        case _:
            return False


def trusted_workloads(resource: Resource) -> dict[str, str]:
    """Describe which workloads a resource trusts, each with the property that decides it."""
    if resource.type == ANCHOR and _is_on(resource):
        return dict.fromkeys(_authorities(resource), "Source")
    return dict(_pods(resource)) if resource.type == ASSOCIATION else {}


def revocation_changes(was: Resource | None, now: Resource | None) -> Iterator[Fact]:
    """Report certificates that are newly revoked, or no longer revoked."""
    there = next(each for each in (now, was) if each is not None)
    if there.type != REVOCATION_LIST:
        return
    before, after = _revoked_serials(was), _revoked_serials(now)
    if before is None or after is None:
        says = "may revoke other certificates than before"
        yield Fact("door", there.title, says, there.location, undecided=True)
        return
    restored, revoked = before - after, after - before
    if restored:
        says = f"{_certificates(len(restored))} no longer revoked and can be used again"
        yield Fact("door", there.title, says, there.location, widens=True)
    if revoked:
        yield Fact(
            "door", there.title, f"{_certificates(len(revoked))} revoked", there.location, narrows=True
        )


def session_tag_changes(was: Resource, now: Resource) -> Iterator[Fact]:
    """Report sessions of pods that have session tags again: policies with conditions on the tags may then allow more."""
    if now.type == ASSOCIATION and _has_no_session_tags(was) and not _has_no_session_tags(now):
        says = "its sessions have session tags again; policies with conditions on these tags may allow more"
        place = now.locate("Properties", "DisableSessionTags")
        yield Fact("door", now.title, says, place, undecided=True)


def _has_no_session_tags(association: Resource) -> bool:
    return _values(association, "DisableSessionTags") == ["true"]


def _certificates(number: int) -> str:
    return "1 certificate is" if number == 1 else f"{number} certificates are"


def _authorities(anchor: Resource) -> Iterator[str]:
    for bundle in _values(anchor, *_DATA, "X509CertificateData"):
        try:
            found = certificates_in(bundle.encode())
        except NoCertificateError:
            found = [("an unreadable certificate", hashlib.sha256(bundle.encode()).hexdigest())]
        for subject, digest in found:
            yield f"accepts certificates issued by {quoted(subject)} (SHA-256 {digest[:16]})"
    for arn in _values(anchor, *_DATA, "AcmPcaArn"):
        yield f"accepts certificates issued by {quoted(arn)}"


def _pods(association: Resource) -> Iterator[tuple[str, str]]:
    cluster, namespace, account = (
        " or ".join(_values(association, key)) for key in ("ClusterName", "Namespace", "ServiceAccount")
    )
    pods = f"pods of {quoted(f'{namespace}/{account}')} on cluster {quoted(cluster)}"
    for role in _values(association, "RoleArn"):
        yield f"{pods} act as {quoted(role)}{_session_policy_note(association)}", "RoleArn"
    for role in _values(association, "TargetRoleArn"):
        yield f"{pods} then assume {quoted(role)}{_session_policy_note(association)}", "TargetRoleArn"
    if "true" in _values(association, "DisableSessionTags"):
        yield f"sessions of {pods} have no session tags", "DisableSessionTags"


def _session_policy_note(association: Resource) -> str:
    """Describe the session policy with a hash, so that a changed policy is a change of access."""
    policies = _values(association, "Policy")
    digest = hashlib.sha256("\n".join(policies).encode()).hexdigest()[:16]
    return f", limited by a session policy (SHA-256 {digest})" if policies else ""


def _is_on(resource: Resource) -> bool:
    return _values(resource, "Enabled") != ["false"]


def _revoked_serials(crl: Resource | None) -> frozenset[str] | None:
    """Give the revoked certificates of each anchor; None if they cannot be read."""
    # A list that is off revokes nothing.
    if crl is None or not _is_on(crl):
        return frozenset()
    found: set[str] = set()
    for text in _values(crl, "CrlData"):
        try:
            revoked = revoked_in(text.encode())
        except NoCertificateError:
            return None
        found |= {f"{anchor} {each}" for anchor in _values(crl, "TrustAnchorArn") for each in revoked}
    return frozenset(found)


def _values(resource: Resource, *path: str) -> list[str]:
    """Give the possible values of a property."""
    values = (each for each in resource.possible_values(*path) if not isinstance(each, Absent))
    return [str(each) if isinstance(each, Text) else "a value known only at deployment" for each in values]
