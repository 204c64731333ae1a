"""Grants on services say something that AWS knows ("Actions, resources, and condition keys", Service Authorization Reference)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from keywright.model.grant import AccessLevel, ServiceGrant
from keywright.model.holders import holders
from keywright.model.nearest import nearest
from keywright.model.quoting import listed
from keywright.policy import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.finding import Finding
    from keywright.model.draft import Draft
    from keywright.model.grant import ServiceAccess
    from keywright.model.subject import Path
    from keywright.policy.catalogue import ResourceType

_HARMLESS = frozenset({AccessLevel.LIST, AccessLevel.READ})
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_ARN_FIELDS = 5


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse unknown services and resource types, and levels that would grant nothing."""
    for path, holder in holders(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, ServiceGrant):
                yield from _access(draft, grant.allow, (*path, "grants", index, "allow"))


def _access(draft: Draft, access: ServiceAccess, path: Path) -> Iterator[Finding]:
    if access.service not in catalogue.services():
        near = listed(nearest(access.service, catalogue.services()))
        at = (*path, "service")
        yield draft.finding("no AWS service has this prefix", f"`{access.service}`", near, at=at)
    elif access.resources:
        yield from _on_named(draft, access, path)
    else:
        yield from _on_none(draft, access, path)


def _on_none(draft: Draft, access: ServiceAccess, path: Path) -> Iterator[Finding]:
    beyond = [level for level in access.levels if level not in _HARMLESS]
    if beyond:
        yield draft.finding(
            "access without `resources` may only list or read",
            listed(beyond),
            f"`resources`, such as {_formats(access.service)}",
            at=(*path, "levels"),
        )
    else:
        yield from _without_effect(draft, access, frozenset(), path)


def _on_named(draft: Draft, access: ServiceAccess, path: Path) -> Iterator[Finding]:
    types: set[str] = set()
    for index, resource in enumerate(access.resources):
        meant = _meant(access.service, resource)
        types |= {each.name for each in meant}
        if not meant or len({_place(each) for each in meant}) > 1:
            wrong = "several kinds of resource" if meant else "no resource"
            yield draft.finding(
                f"`{access.service}` has {wrong} of this form",
                f"`{resource}`",
                _formats(access.service, resource.split(":", _ARN_FIELDS)[-1]),
                at=(*path, "resources", index),
            )
    if types:
        yield from _without_effect(draft, access, frozenset(types), path)


def _without_effect(
    draft: Draft, access: ServiceAccess, types: frozenset[str], path: Path
) -> Iterator[Finding]:
    there = _levels(access.service, types)
    where = "on these resources" if types else "on no resource in particular"
    for index, level in enumerate(access.levels):
        if level not in there:
            yield draft.finding(
                f"`{access.service}` has nothing to {_verb(level)} {where}",
                f"`{level}`",
                listed(each for each in AccessLevel if each in there) or "another service or resource",
                at=(*path, "levels", index),
            )


def _verb(level: AccessLevel) -> str:
    return {AccessLevel.TAGGING: "tag", AccessLevel.PERMISSIONS_MANAGEMENT: "manage permissions of"}.get(
        level, str(level)
    )


@cache
def _levels(service: str, types: frozenset[str]) -> frozenset[AccessLevel]:
    """Give the levels that have an action on any of these types; no types: on no resource."""
    return frozenset(
        _narrowest(action.levels)
        for action in catalogue.actions_of(service)
        if (types & set(action.resource_types) if types else not action.resource_types)
    )


def _narrowest(levels: frozenset[str]) -> AccessLevel:
    """Count an action that tags or manages permissions there alone, and not as writing."""
    beyond = [level for level in levels if level != AccessLevel.WRITE]
    return AccessLevel(beyond[0] if beyond else AccessLevel.WRITE)


def _meant(service: str, resource: str) -> list[ResourceType]:
    """Give the types of this form that say most of it literally; several when it could be several."""
    fitting = [each for each in catalogue.resource_types_of(service) if _fits(each, resource)]
    most = max((_literal(each) for each in fitting), default=0)
    return [each for each in fitting if _literal(each) == most]


def _fits(kind: ResourceType, resource: str) -> bool:
    relative = _PLACEHOLDER.split(_relative(kind))[::2]
    pattern = ".+".join(map(re.escape, relative))
    if not resource.startswith("arn:"):
        return re.fullmatch(pattern, resource) is not None
    fields = resource.split(":", _ARN_FIELDS)
    _, _, vendor, region, account, _ = kind.arn_format.split(":", _ARN_FIELDS)
    if len(fields) <= _ARN_FIELDS or fields[2] != vendor:
        return False
    same_form = bool(fields[3]) == bool(region) and bool(fields[4]) == bool(account)
    return same_form and re.fullmatch(pattern, fields[5]) is not None


def _relative(kind: ResourceType) -> str:
    return kind.arn_format.split(":", _ARN_FIELDS)[_ARN_FIELDS]


def _literal(kind: ResourceType) -> int:
    return sum(map(len, _PLACEHOLDER.split(_relative(kind))[::2]))


def _place(kind: ResourceType) -> tuple[str, ...]:
    """Give what stands before the relative part of the ARN, each placeholder as one sign."""
    return tuple(
        _PLACEHOLDER.sub("$", part) for part in kind.arn_format.split(":", _ARN_FIELDS)[2:_ARN_FIELDS]
    )


def _formats(service: str, near: str = "") -> str:
    formats = {_PLACEHOLDER.sub(r"<\1>", _relative(each)) for each in catalogue.resource_types_of(service)}
    return listed(nearest(near, formats)) or "no resources, this service has none"
