"""The part of the declarations that is in force today: expired things are left out of templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.model.account.break_glass import BreakGlass
from keywright.model.checks import ends
from keywright.model.draft import draft_of
from keywright.model.fields.dates import has_passed
from keywright.model.identity_center import KIND
from keywright.model.invariants import without_expired
from keywright.model.source.places import Places
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from keywright.model.declarations import Declarations
    from keywright.model.workloads import Workload

_WITH_END = {"user": "users", "role": "roles", KIND: "permission_sets"}
"""The kinds of identities that have a last day, and their sections."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The declarations without expired things, and a warning for each of these."""

    declarations: Declarations
    warnings: list[Finding]


def in_force(declarations: Declarations, today: date, places: Places | None = None) -> InForce:
    """Drop expired users, roles, permission sets, memberships, grants, assignments and exceptions.

    Exceptions, invariants and assignments about them are dropped too, so that no date blocks a deployment. An expired
    workload stays, without access. With the `places` of a reading, warnings name the line.
    """
    draft = draft_of(declarations, today, places=places or Places(), data={})
    warnings = [finding for finding in ends.check_ends(draft) if finding.severity is Severity.WARNING]
    # The usual case; copying thousands of things would cost time for nothing.
    if not any(has_passed(each.until, today) for each in ends.ends(draft)):
        return InForce(declarations, warnings)
    expired = {
        f"{kind}/{name}"
        for kind, section in _WITH_END.items()
        for name, thing in getattr(declarations, section).items()
        if not _is_in_force(thing, today)
    }
    expired_too = expired | {f"workload/{name}" for name in _expired_workloads(declarations, today)}
    kept: dict[str, Any] = {
        "exceptions": tuple(
            each for each in declarations.exceptions if _is_in_force(each, today) and each.on not in expired
        ),
        "assignments": tuple(
            each
            for each in declarations.assignments
            if _is_in_force(each, today) and f"{KIND}/{each.permission_set}" not in expired
        ),
        # An expired workload stays without access: `never` can still be proved of it, `always` cannot.
        "never": tuple(without_expired(declarations.never, expired)),
        "always": tuple(without_expired(declarations.always, expired_too)),
        "workloads": {
            name: _without_expired_parts(each if _is_in_force(each, today) else _without_access(each), today)
            for name, each in declarations.workloads.items()
        },
    }
    account, accepted = declarations.account, declarations.account.break_glass
    if isinstance(accepted, BreakGlass) and not _is_in_force(accepted, today):
        # The role stays; its findings are reported again.
        kept["account"] = account.model_copy(update={"break_glass": accepted.role})
    for section in ("groups", "roles", "users", "delegations", "permission_sets"):
        things = getattr(declarations, section)
        kept[section] = {
            name: _without_expired_parts(thing, today)
            for name, thing in things.items()
            if _is_in_force(thing, today)
        }
    return InForce(declarations.model_copy(update=kept), warnings)


def _expired_workloads(declarations: Declarations, today: date) -> Iterator[str]:
    return (name for name, each in declarations.workloads.items() if not _is_in_force(each, today))


def _without_access(workload: Workload) -> Workload:
    """Remove the access of an expired workload, but keep its instances: they may have data."""
    return workload.model_copy(update={"grants": (), "policies": ()})


def _is_in_force(thing: Any, today: date) -> bool:
    return not has_passed(getattr(thing, "until", None), today)


def _without_expired_parts(thing: Any, today: date) -> Any:
    """Remove the expired grants and memberships of a holder, and the expired acceptance of what it keeps."""
    update: dict[str, Any] = {}
    adopted = getattr(thing, "adopted", None)
    if adopted is not None and not _is_in_force(adopted, today):
        # It still has no boundary, or no MFA guard; its findings are reported again.
        update["adopted"] = adopted.model_copy(update={"because": None, "until": None})
    for key in ("grants", "groups"):
        parts = getattr(thing, key, ())
        kept = tuple(part for part in parts if _is_in_force(part, today))
        if len(kept) < len(parts):
            update[key] = kept
    return thing.model_copy(update=update) if update else thing
