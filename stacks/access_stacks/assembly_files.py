"""Files beside the templates in the assembly: where each declaration is written, and the declared control policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_stacks.grants import statements_of
from keywright.assembly.sources.declaration_locations import (
    DeclarationLocations,
    DeclaredGrant,
    assignment_name,
)
from keywright.assembly.sources.organization import NO_ORGANIZATION, ControlLevel, Organization
from keywright.model.account.control_documents import control_documents
from keywright.model.identity_center import KIND, twin_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from access_stacks.inputs import StackInputs
    from keywright.model.account.control_documents import ControlDocument
    from keywright.model.declarations import Declarations
    from keywright.model.identity_center import Assignment
    from keywright.model.source.places import Places
    from keywright.policy.statement import Document
    from keywright.reporting.finding import Location


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


def places_of(declarations: Declarations, places: Places, inputs: StackInputs) -> DeclarationLocations:
    """Give the place of each declaration, its grants and its trusts.

    `declarations` are all, including those that have ended, because indexes into a list count them.
    """
    return DeclarationLocations(
        {
            **{
                f"{kind}/{name}": places.key(section, name)
                for kind, section, name in _declared_names(declarations)
            },
            **dict(_assignments(declarations, places)),
        },
        {
            f"{kind}/{name}": tuple(_grants(section, name, declarations, places, inputs))
            for kind, section, name in _declared_names(declarations)
            if kind in _HOLDERS
        },
        {
            f"role/{name}": tuple(_trusts(name, len(role.trusts), places))
            for name, role in declarations.roles.items()
        },
    )


def _declared_names(declarations: Declarations) -> Iterator[tuple[str, str, str]]:
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
                yield (
                    assignment_name(who, declared.existing or ours, account),
                    places.at("assignments", index),
                )


def _assigned_to(assignment: Assignment, declarations: Declarations) -> Iterator[str]:
    """Give the assigned groups and users by the names that people use."""
    groups = declarations.identity_center.groups if declarations.identity_center else {}
    for name in assignment.groups:
        yield f"group {groups[name].display_name or f'{name} ({groups[name].id})'}"
    for person in assignment.people:
        yield f"user {person.user} ({person.id})"


def _grants(
    section: str, name: str, declarations: Declarations, places: Places, inputs: StackInputs
) -> Iterator[DeclaredGrant]:
    for index, grant in enumerate(getattr(declarations, section)[name].grants):
        # IAM compares names of actions without regard to case.
        actions = {action.lower() for each in statements_of((grant,), inputs) for action in each.actions}
        yield DeclaredGrant(places.at(section, name, "grants", index), frozenset(actions))


def _trusts(name: str, number: int, places: Places) -> Iterator[Location]:
    return (places.at("roles", name, "trusts", index) for index in range(number))


def organization_of(declarations: Declarations, folder: Path) -> Organization:
    """Give the declared control policies by level; the management account is limited by none."""
    declared = declarations.organization
    # Control policies do not apply to an organization's management account.
    if declared is None or declared.management:
        return NO_ORGANIZATION
    found = tuple(control_documents(declared, folder))
    return Organization(
        declarations.account.id,
        tuple(
            ControlLevel(
                level.level,
                _documents(found, number, "service_control"),
                _documents(found, number, "resource_control"),
            )
            for number, level in enumerate(declared.levels)
        ),
    )


def _documents(found: tuple[ControlDocument, ...], level: int, key: str) -> tuple[Document, ...]:
    return tuple(
        each.document
        for each in found
        if (each.level, each.key) == (level, key) and each.document is not None
    )
