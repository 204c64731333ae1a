"""The execution roles that a bootstrap makes, and what each may do: the everyday one and the founder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.deployer.bootstrap.boundary import fence
from keywright.deployer.bootstrap.escalation import JOINING, LEAVING
from keywright.deployer.bootstrap.protected import ProtectedResources, is_anything
from keywright.deployer.handlers.refinements import reaches_others
from keywright.deployer.requirements.collection import needs_of
from keywright.deployer.requirements.permissions import widened_to_path
from keywright.deployer.requirements.references import Surroundings
from keywright.deployer.requirements.used_resources import CALLING
from keywright.policy.compaction import merge_statements
from keywright.policy.reference import catalogue
from keywright.policy.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.deployer.requirements.permissions import ConditionParts, Needs, RequiredPermission

UPDATE_ROLE, BOOTSTRAP_ROLE = "keywright-deployer", "keywright-founder"
LOOKING = frozenset({"list", "read"})


@dataclass(frozen=True)
class Plan:
    """All that a bootstrap is made from.

    `everyday` holds the calls of the everyday role, `needs` those of the founder; `sealed` says why a resource is the
    founder's. `fence` are the statements that deny, in the everyday role's boundary.
    """

    assembly: Assembly
    needs: Needs
    everyday: tuple[RequiredPermission, ...]
    sealed: Mapping[Resource, str]
    fence: tuple[Statement, ...]


def plan_of(assembly: Assembly, *, by_path: bool = False) -> Plan:
    """Work out what deploying an assembly takes; `by_path` lets names under one path come and go."""
    around = Surroundings(assembly)
    needs = needs_of(assembly)
    sealed = ProtectedResources(assembly, around)
    everyday = tuple(each for each in needs.calls if is_everyday(each, sealed))
    if by_path:
        everyday, needs = widened_to_path(everyday), replace(needs, calls=widened_to_path(needs.calls))
    return Plan(assembly, needs, everyday, sealed.all, fence(everyday, assembly, sealed, around))


def is_everyday(need: RequiredPermission, sealed: ProtectedResources) -> bool:
    """Tell whether a call is one of every day: for and on nothing sealed, or one that changes nothing of it."""
    if need.action in CALLING.values() or looks_only(need.action):
        return True
    if need.resource in sealed.all:
        return False
    if need.action in {JOINING, LEAVING}:
        return need.action == LEAVING or need.place in sealed.joinable
    if need.widened and reaches_others(need.action):
        return False
    return need.place not in sealed.places and not is_anything(need.place)


def looks_only(action: str) -> bool:
    """Tell whether an action is known to change nothing."""
    known = catalogue.action(action)
    return known is not None and known.levels <= LOOKING


def statements_of(needs: Iterable[RequiredPermission]) -> tuple[Statement, ...]:
    """Give statements that allow exactly these calls, as few as there can be; their order is that of their words."""
    found: dict[tuple[str, ConditionParts], list[RequiredPermission]] = {}
    for each in needs:
        found.setdefault((each.place, each.conditions), []).append(each)
    return merge_statements(
        Statement(
            actions=tuple({each.action for each in calls}),
            resources=(place,),
            conditions=calls[0].as_conditions,
        )
        for (place, _), calls in found.items()
    )
