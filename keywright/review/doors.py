"""What lets somebody in without a policy that we read, and policies of types that we do not.

A door that opens is a widening; a policy or provider that changed and can't be weighed is undecided.
Sources: the CloudFormation template reference, type by type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.identity_center import ASSIGNMENT
from keywright.assembly.identities.identity_center import TYPE as PERMISSION_SET
from keywright.assembly.resources.resource_policies import resource_policies
from keywright.assembly.templates.value import as_texts
from keywright.review.anywhere_profiles import PROFILE, limits_changed
from keywright.review.change import Fact
from keywright.review.endpoints import ENDPOINT, POLICY
from keywright.review.machines import MACHINES, REVOKED, reads_alike, revocations, tags_again
from keywright.review.open_doors import decides_otherwise, literals, open_doors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.templates.template import Resource
    from keywright.review.side import Side

_GUARDS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_ACCESS_POINT = "AWS::S3::AccessPoint"
_GUARDED = {"AWS::S3::Bucket", _ACCESS_POINT}
_UNWEIGHED = (
    "AWS::SSO::",
    "AWS::RolesAnywhere::",
    "AWS::RAM::",
    "AWS::Organizations::",
    "AWS::LakeFormation::",
    "AWS::Cognito::IdentityPoolRoleAttachment",
    "AWS::EKS::AccessEntry",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::IAM::SAMLProvider",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::ServerCertificate",
    "AWS::S3::AccessGrant",
    "AWS::Cognito::UserPoolIdentityProvider",
    "AWS::Cognito::UserPoolUserToGroupAttachment",
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::SecretsManager::RotationSchedule",
)
"""Types that decide about access and are not weighed; the end of a name that ends in `::` is free."""


def doors(base: Side, head: Side) -> Iterator[Fact]:
    """Tell of every door that opens or closes, and of what can't be weighed."""
    was, now = _by_place(base), _by_place(head)
    read = {*_read(base), *_read(head)}
    for place, resource in now.items():
        old = was.get(place)
        opened = tuple(_opened(old, resource))
        yield from opened
        is_changed = old is None or (
            base.meaning.of(old) != head.meaning.of(resource) and not reads_alike(old, resource)
        )
        if is_changed:
            yield from revocations(old, resource)
        if is_changed and not opened and old is not None and resource.type in MACHINES - {REVOKED}:
            yield from _unweighed(old, resource)
        limited = limits_changed(old, resource)
        if limited is not None:
            yield limited
            continue
        weighs = any(id(each) not in read and _is_unweighed(each) for each in (old, resource) if each)
        if is_changed and weighs and not (old is None and _lends_newcomers(resource, was, head)):
            yield from _unweighed(old, resource)
    for place, resource in was.items():
        if resource.type == PROFILE:
            continue  # who lends roles no more opens nothing
        if place not in now and resource.type in MACHINES:
            yield from (*_closed(resource, {}), *revocations(resource, None))
        goes = place not in now and id(resource) not in read
        if goes and (
            _is_unweighed(resource) or (resource.type == ENDPOINT and POLICY in resource.properties)
        ):
            yield Fact(
                "not weighed",
                resource.title,
                "goes, and is not weighed",
                resource.location,
                undecided=True,
            )


_Place = tuple[str, str, str]
"""A template, a logical id, and the type: what is of another type now is another resource."""


def _place(side: Side, resource: Resource) -> _Place:
    return (*side.place(resource), resource.type)


def _by_place(side: Side) -> dict[_Place, Resource]:
    return {_place(side, each): each for each in side.assembly.resources}


def _read(side: Side) -> Iterator[int]:
    """Give the resources whose policies are compared elsewhere."""
    for each in resource_policies(side.assembly):
        yield id(each.policy.holder)
    for policy in side.found.policies:
        yield id(policy.holder)
    for identity in side.found.all:
        yield id(identity.resource)
    for resource in side.assembly.of_type(PERMISSION_SET, ASSIGNMENT):
        yield id(resource)


# Doors


def _opened(was: Resource | None, now: Resource) -> Iterator[Fact]:
    for says, place in open_doors(now).items():
        if was is None or says not in open_doors(was):
            yield Fact("door", now.title, says, now.locate("Properties", place), widens=True)
    if was is not None:
        yield from _closed(was, open_doors(now))
        yield from decides_otherwise(was, now)
        yield from tags_again(was, now)
        if was.type == now.type == _ACCESS_POINT and _network(was) not in ([], _network(now)):
            says = "answers to other networks than before"
            yield Fact("door", now.title, says, now.locate("Properties", "VpcConfiguration"), widens=True)
        if was.type == now.type and now.type in _GUARDED:
            gone = [each for each in _GUARDS if _is_on(was, each) and not _is_on(now, each)]
            if gone:
                says = f"blocks public access no more: {', '.join(gone)}"
                place = "PublicAccessBlockConfiguration"
                yield Fact("door", now.title, says, now.locate("Properties", place), widens=True)


def _closed(was: Resource, still: Mapping[str, str]) -> Iterator[Fact]:
    for says, place in open_doors(was).items():
        if says not in still:
            where = was.locate("Properties", place)
            yield Fact("door", was.title, f"no more: {says}", where, narrows=True)


def _is_on(guarded: Resource, guard: str) -> bool:
    """Tell whether a bucket or an access point surely keeps the public out; of an access point, that's what AWS presumes."""
    found = literals(guarded, "PublicAccessBlockConfiguration", guard)
    return found == ["true"] or (not found and guarded.type == _ACCESS_POINT)


def _network(access_point: Resource) -> list[str]:
    return literals(access_point, "VpcConfiguration", "VpcId")


# What is not weighed


def _is_unweighed(resource: Resource) -> bool:
    if resource.type in MACHINES or resource.type == ENDPOINT:
        return False
    if resource.type.startswith(_UNWEIGHED):
        return True
    return _holds_policy(resource.raw.get("Properties"))


def _lends_newcomers(resource: Resource, was: Mapping[_Place, Resource], head: Side) -> bool:
    """Tell whether it is a profile of roles that are as new as it is: what their trust opens is told of them.

    A role that was there before trusted a profile that was not.
    """
    if resource.type != PROFILE:
        return False
    new = {
        each.arn
        for each in resource.template.resources.values()
        if each.type == "AWS::IAM::Role" and _place(head, each) not in was
    }
    lent = [arn for value in resource.readings("RoleArns") for arn in as_texts(value)]
    return bool(lent) and all(arn in new for arn in lent)


def _unweighed(was: Resource | None, now: Resource) -> Iterator[Fact]:
    if now.type in {"AWS::IAM::OIDCProvider", "AWS::IAM::SAMLProvider"}:
        if was is None:
            return
        says = "vouches for others than before, perhaps"
        yield Fact("provider", now.title, says, now.location, undecided=True)
        return
    says = "decides about access, and is not weighed" + ("" if was else "; it is new")
    yield Fact("not weighed", now.title, says, now.location, undecided=True)


def _holds_policy(node: Any) -> bool:
    """Tell whether a policy document stands somewhere within."""
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
        elif isinstance(each, str) and '"Statement"' in each and '"Effect"' in each:
            return True
    return False


def _is_policy(statements: Any) -> bool:
    several = statements if isinstance(statements, list) else [statements]
    return any(isinstance(each, dict) and ("Effect" in each or "Fn::If" in each) for each in several)
