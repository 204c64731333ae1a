"""Where each declared thing, its grants and its trusts are written, for whoever reads the assembly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources.declared_places import DeclaredGrant, DeclaredPlaces, assigned
from keywright.model.identity_center import KIND, twin_name
from stacks.granting import statements_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations
    from keywright.model.identity_center import Assignment
    from keywright.model.source.places import Places
    from keywright.reporting.finding import Location
    from stacks.setting import Setting

_SECTIONS = {
    "group": "groups",
    "user": "users",
    "role": "roles",
    "workload": "workloads",
    "policy": "policies",
    "permissionset": "permission_sets",
    "bucket": "buckets",
    "provider": "identity_providers",
    "anchor": "trust_anchors",
}
_HOLDERS = ("group", "user", "role", "workload", "policy", "permissionset")


def places_of(declarations: Declarations, places: Places, setting: Setting) -> DeclaredPlaces:
    """Gather them; `declarations` are all, those that have ended too, for by them the lines count."""
    return DeclaredPlaces(
        {
            **{f"{kind}/{name}": places.key(section, name) for kind, section, name in _named(declarations)},
            **dict(_assignments(declarations, places)),
        },
        {
            f"{kind}/{name}": tuple(_grants(section, name, declarations, places, setting))
            for kind, section, name in _named(declarations)
            if kind in _HOLDERS
        },
        {
            f"role/{name}": tuple(_trusts(name, len(role.trusts), places))
            for name, role in declarations.roles.items()
        },
    )


def _named(declarations: Declarations) -> Iterator[tuple[str, str, str]]:
    for kind, section in _SECTIONS.items():
        for name in getattr(declarations, section):
            yield kind, section, name


def _assignments(declarations: Declarations, places: Places) -> Iterator[tuple[str, Location]]:
    for index, assignment in enumerate(declarations.assignments):
        declared = declarations.permission_sets[assignment.permission_set]
        name = assignment.permission_set
        ours = f"{KIND}/{twin_name(name, assignment.until) if assignment.until else name}"
        for account in assignment.accounts or (declarations.account.id,):
            for who in _assigned_to(assignment, declarations):
                yield assigned(who, declared.existing or ours, account), places.at("assignments", index)


def _assigned_to(assignment: Assignment, declarations: Declarations) -> Iterator[str]:
    """Say to whom, as people call them beside their ids."""
    groups = declarations.identity_center.groups if declarations.identity_center else {}
    for name in assignment.groups:
        yield f"group {groups[name].display_name or f'{name} ({groups[name].id})'}"
    for person in assignment.people:
        yield f"user {person.user} ({person.id})"


def _grants(
    section: str, name: str, declarations: Declarations, places: Places, setting: Setting
) -> Iterator[DeclaredGrant]:
    for index, grant in enumerate(getattr(declarations, section)[name].grants):
        actions = {action.lower() for each in statements_of((grant,), setting) for action in each.actions}
        yield DeclaredGrant(places.at(section, name, "grants", index), frozenset(actions))


def _trusts(name: str, number: int, places: Places) -> Iterator[Location]:
    return (places.at("roles", name, "trusts", index) for index in range(number))
