"""What of the declarations holds today: a thing past its last day synthesizes to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.model.checks import ends
from keywright.model.draft import draft_of
from keywright.model.fields.dates import has_passed
from keywright.model.identity_center import KIND
from keywright.model.invariants import without_ended
from keywright.model.source.places import Places
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from keywright.model.declarations import Declarations
    from keywright.model.workloads import Workload

_ENDING = {"user": "users", "role": "roles", KIND: "permission_sets"}
"""The kinds of whole identities that have a last day, and their sections."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The declarations without what is over, and a warning for each thing that is."""

    declarations: Declarations
    warnings: list[Finding]


def in_force(declarations: Declarations, today: date, places: Places | None = None) -> InForce:
    """Drop users, roles, permission sets, memberships, grants, assignments and exceptions whose last day is past; an exception's finding comes back.

    What exceptions, invariants and assignments say of one that has ended goes with it, so that no day blocks a deployment.
    A workload stays, and its role may do nothing.
    With the `places` of a reading, warnings name the line.
    """
    draft = draft_of(declarations, today, places=places or Places(), data={})
    warnings = [finding for finding in ends.check_ends(draft) if finding.severity is Severity.WARNING]
    if not warnings:
        return InForce(declarations, warnings)
    ended = {
        f"{kind}/{name}"
        for kind, section in _ENDING.items()
        for name, thing in getattr(declarations, section).items()
        if not _holds(thing, today)
    }
    ended_too = ended | {f"workload/{name}" for name in _ended_workloads(declarations, today)}
    kept: dict[str, Any] = {
        "exceptions": tuple(
            each for each in declarations.exceptions if _holds(each, today) and each.on not in ended
        ),
        "assignments": tuple(
            each
            for each in declarations.assignments
            if _holds(each, today) and f"{KIND}/{each.permission_set}" not in ended
        ),
        "never": tuple(without_ended(declarations.never, ended)),
        "always": tuple(without_ended(declarations.always, ended_too)),
        "workloads": {
            name: _kept(each, today) if _holds(each, today) else _without_access(each)
            for name, each in declarations.workloads.items()
        },
    }
    for section in ("groups", "roles", "users", "delegations", "permission_sets"):
        things = getattr(declarations, section)
        kept[section] = {name: _kept(thing, today) for name, thing in things.items() if _holds(thing, today)}
    return InForce(declarations.model_copy(update=kept), warnings)


def _ended_workloads(declarations: Declarations, today: date) -> Iterator[str]:
    return (name for name, each in declarations.workloads.items() if not _holds(each, today))


def _without_access(workload: Workload) -> Workload:
    """Leave an ended workload its instance, and its role nothing: an end of access takes no machine away."""
    return workload.model_copy(update={"grants": (), "policies": ()})


def _holds(thing: Any, today: date) -> bool:
    return not has_passed(getattr(thing, "until", None), today)


def _kept(thing: Any, today: date) -> Any:
    """Give a holder with the grants and memberships that hold; itself when all do."""
    update = {}
    for key in ("grants", "groups"):
        parts = getattr(thing, key, ())
        kept = tuple(part for part in parts if _holds(part, today))
        if len(kept) < len(parts):
            update[key] = kept
    return thing.model_copy(update=update) if update else thing
