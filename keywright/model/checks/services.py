"""Grants on services say something that AWS knows ("Actions, resources, and condition keys", Service Authorization Reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.access_level import HARMLESS, AccessLevel, levels_on
from keywright.model.grant import ServiceGrant
from keywright.model.holders import granting
from keywright.model.nearest import nearest
from keywright.policy.reference import catalogue
from keywright.policy.reference.catalogue import forms_of, is_clear, meant_by
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.grant import ServiceAccess
    from keywright.model.subject import Path
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse unknown services and resource types, and levels that would grant nothing."""
    for path, holder in granting(draft):
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
    beyond = [level for level in access.levels if level not in HARMLESS]
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
        meant = meant_by(access.service, resource)
        types |= {each.name for each in meant}
        if not meant or not is_clear(meant, resource):
            wrong = "several kinds of resource" if meant else "no resource"
            yield draft.finding(
                f"`{access.service}` has {wrong} of this form",
                f"`{resource}`",
                _formats(access.service, resource.split(":", 5)[-1]),
                at=(*path, "resources", index),
            )
    if types:
        yield from _without_effect(draft, access, frozenset(types), path)


def _without_effect(
    draft: Draft, access: ServiceAccess, types: frozenset[str], path: Path
) -> Iterator[Finding]:
    by_tag = access.where is not None
    there = levels_on(access.service, types, by_tag=by_tag)
    where = "on these resources" if types else "on no resource in particular"
    where += ", held to a resource's tag" if by_tag and types else ""
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


def _formats(service: str, near: str = "") -> str:
    forms = {each.form for each in forms_of(service)}
    return listed(nearest(near, forms)) or "no resources, this service has none"
