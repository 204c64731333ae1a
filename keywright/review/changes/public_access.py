"""Changes of public access and of other settings that grant access, and of policies that are not evaluated.

New access widens; a changed policy or provider that cannot be evaluated is undecided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.identity_center import ASSIGNMENT, PERMISSION_SET
from keywright.assembly.resources.resource_policies import resource_policies
from keywright.assembly.templates.value import Absent, Text, as_texts
from keywright.review.changes.endpoints import ENDPOINT, POLICY
from keywright.review.changes.resource_types import resource_types
from keywright.review.changes.workload_identities import (
    PROFILE,
    REVOCATION_LIST,
    WORKLOAD_TYPES,
    is_unchanged,
    revocation_changes,
    session_policy_changes,
    session_tag_changes,
    trusted_workloads,
)
from keywright.review.comparison.fingerprint import text_fingerprint
from keywright.review.result import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.templates.template import Resource
    from keywright.review.comparison.snapshot import Snapshot


_PRIVATE_ACLS = {"Private", "BucketOwnerFullControl", "BucketOwnerRead", "LogDeliveryWrite"}


def public_access(resource: Resource) -> dict[str, str]:
    """Describe how a resource allows public or other access, each with the property that decides it."""
    found = trusted_workloads(resource)
    if resource.type == "AWS::S3::Bucket":
        for each in literals(resource, "AccessControl"):
            if each not in _PRIVATE_ACLS:
                found[f"its access control list is {quoted(each)}"] = "AccessControl"
    known = resource_types("authorization").get(resource.type)
    if known and not _is_preflight(resource):
        values = literals(resource, known["property"])
        # Without the property AWS applies the default, which is open for these types.
        if not values or not set(values) <= set(known["closed"]):
            found[known["message"]] = known["property"]
    return found


def _is_preflight(resource: Resource) -> bool:
    """Tell whether it only answers CORS preflight requests, which carry no credentials."""
    return literals(resource, "HttpMethod") == ["OPTIONS"]


def unevaluated_changes(was: Resource, now: Resource) -> Iterator[Fact]:
    """Report changed properties that control access and are not evaluated."""
    for key in resource_types("access_properties").get(now.type, ()) if was.type == now.type else ():
        before, after = ((each.raw.get("Properties") or {}).get(key) for each in (was, now))  # type: ignore[union-attr]
        if text_fingerprint(before, was.template) != text_fingerprint(after, now.template):
            place = now.locate("Properties", key) if key in now.properties else now.location
            says = f"has changed {quoted(key)}, which controls access and is not evaluated"
            yield Fact("door", now.title, says, place, undecided=True)


def literals(resource: Resource, *path: str) -> list[str]:
    """Give the possible literal values of a property."""
    found = []
    for each in resource.possible_values(*path):
        if not isinstance(each, Absent):
            literal = each.literal if isinstance(each, Text) else None
            # The text is in no list of closed values, so a value that the deployment decides counts as open.
            found.append("known only at deployment" if literal is None else literal)
    return found


_PUBLIC_ACCESS_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_ACCESS_POINT = "AWS::S3::AccessPoint"
_BLOCKABLE = {"AWS::S3::Bucket", _ACCESS_POINT}


def public_access_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Yield every setting that allows new access or removes some, and what cannot be evaluated."""
    was, now = _by_place(base), _by_place(head)
    read = {*_evaluated_resources(base), *_evaluated_resources(head)}
    for place, resource in now.items():
        old = was.get(place)
        opened = tuple(_resource_changes(old, resource))
        yield from opened
        is_changed = old is None or (
            base.fingerprints.of(old) != head.fingerprints.of(resource) and not is_unchanged(old, resource)
        )
        if is_changed:
            yield from revocation_changes(old, resource)
        if (
            is_changed
            and not opened
            and old is not None
            and resource.type in WORKLOAD_TYPES - {REVOCATION_LIST}
        ):
            yield from _unevaluated(old, resource)
        limited = session_policy_changes(old, resource)
        if limited is not None:
            yield limited
            continue
        is_unevaluated = any(
            id(each) not in read and _is_unevaluated(each) for each in (old, resource) if each
        )
        if (
            is_changed
            and is_unevaluated
            and not (old is None and _is_profile_of_new_roles(resource, was, head))
        ):
            yield from _unevaluated(old, resource)
    for place, resource in was.items():
        if resource.type == PROFILE:
            continue  # a deleted profile gives no access
        if place not in now and resource.type in WORKLOAD_TYPES:
            yield from (*_closed_access(resource, {}), *revocation_changes(resource, None))
        # What a deleted policy allowed or denied is unknown if it was not evaluated.
        is_deleted = place not in now and id(resource) not in read
        if is_deleted and (
            _is_unevaluated(resource) or (resource.type == ENDPOINT and POLICY in resource.properties)
        ):
            yield Fact(
                "not weighed",
                resource.title,
                "is deleted; the access that it controlled is not evaluated",
                resource.location,
                undecided=True,
            )


_Place = tuple[str, str, str]
"""A template, a logical id and a type: a resource with another type is another resource."""


def _place(snapshot: Snapshot, resource: Resource) -> _Place:
    return (*snapshot.place(resource), resource.type)


def _by_place(snapshot: Snapshot) -> dict[_Place, Resource]:
    return {_place(snapshot, each): each for each in snapshot.assembly.resources}


def _evaluated_resources(snapshot: Snapshot) -> Iterator[int]:
    """Yield the resources whose policies are compared elsewhere."""
    for each in resource_policies(snapshot.assembly):
        yield id(each.policy.holder)
    for policy in snapshot.found.policies:
        yield id(policy.holder)
    for identity in snapshot.found.all:
        yield id(identity.resource)
    for resource in snapshot.assembly.of_type(PERMISSION_SET, ASSIGNMENT):
        yield id(resource)


# Public access


def _resource_changes(was: Resource | None, now: Resource) -> Iterator[Fact]:
    for says, place in public_access(now).items():
        if was is None or says not in public_access(was):
            yield Fact("door", now.title, says, now.locate("Properties", place), widens=True)
    if was is not None:
        yield from _closed_access(was, public_access(now))
        yield from unevaluated_changes(was, now)
        yield from session_tag_changes(was, now)
        if was.type == now.type == _ACCESS_POINT and _vpc(was) not in ([], _vpc(now)):
            says = "accepts requests from other networks than before"
            yield Fact("door", now.title, says, now.locate("Properties", "VpcConfiguration"), widens=True)
        if was.type == now.type and now.type in _BLOCKABLE:
            unblocked = [
                each
                for each in _PUBLIC_ACCESS_BLOCKS
                if _is_blocked(was, each) and not _is_blocked(now, each)
            ]
            if unblocked:
                says = f"no longer blocks public access: {', '.join(unblocked)}"
                place = "PublicAccessBlockConfiguration"
                yield Fact("door", now.title, says, now.locate("Properties", place), widens=True)


def _closed_access(was: Resource, still: Mapping[str, str]) -> Iterator[Fact]:
    for says, place in public_access(was).items():
        if says not in still:
            where = was.locate("Properties", place)
            yield Fact("door", was.title, f"no longer: {says}", where, narrows=True)


def _is_blocked(resource: Resource, setting: str) -> bool:
    """Tell whether a public access block is certainly on; for access points, AWS turns it on by default."""
    found = literals(resource, "PublicAccessBlockConfiguration", setting)
    return found == ["true"] or (not found and resource.type == _ACCESS_POINT)


def _vpc(access_point: Resource) -> list[str]:
    return literals(access_point, "VpcConfiguration", "VpcId")


# What is not evaluated


def _is_unevaluated(resource: Resource) -> bool:
    if resource.type in WORKLOAD_TYPES or resource.type == ENDPOINT:
        return False
    if resource.type.startswith(tuple(resource_types("unevaluated"))):
        return True
    return _contains_policy(resource.raw.get("Properties"))


def _is_profile_of_new_roles(resource: Resource, was: Mapping[_Place, Resource], head: Snapshot) -> bool:
    """Tell whether it is a profile of new roles only: their trust policies are reported anyway.

    An existing role can have trusted the profile before it existed.
    """
    if resource.type != PROFILE:
        return False
    new = {
        each.arn
        for each in resource.template.resources.values()
        if each.type == "AWS::IAM::Role" and _place(head, each) not in was
    }
    lent = [arn for value in resource.possible_values("RoleArns") for arn in as_texts(value)]
    return bool(lent) and all(arn in new for arn in lent)


def _unevaluated(was: Resource | None, now: Resource) -> Iterator[Fact]:
    if now.type in {"AWS::IAM::OIDCProvider", "AWS::IAM::SAMLProvider"}:
        if was is None:
            return
        says = "may authenticate other identities than before"
        yield Fact("provider", now.title, says, now.location, undecided=True)
        return
    says = "controls access and is not evaluated" + ("" if was else "; it is new")
    yield Fact("not weighed", now.title, says, now.location, undecided=True)


def _contains_policy(node: Any) -> bool:
    """Tell whether a value contains a policy document."""
    queue = [node]
    while queue:
        each = queue.pop()
        if isinstance(each, dict):
            if (
                "Statement" in each
                and isinstance(each["Statement"], list | dict)
                and _is_policy(each["Statement"])
            ):
                return True
            queue.extend(each.values())
        elif isinstance(each, list):
            queue.extend(each)
        # Some types take a policy as a JSON text.
        elif isinstance(each, str) and '"Statement"' in each and '"Effect"' in each:
            return True
    return False


def _is_policy(statements: Any) -> bool:
    several = statements if isinstance(statements, list) else [statements]
    return any(isinstance(each, dict) and ("Effect" in each or "Fn::If" in each) for each in several)
