"""Declared things that expired, and exceptions that cover the same finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.accepted_findings import accepted_by_break_glass
from keywright.model.account.break_glass import BREAK_GLASS, BreakGlass
from keywright.model.fields.dates import NOTICE, has_passed
from keywright.model.queries import granting
from keywright.model.source.places import owner
from keywright.model.trusts.account import AccountTrust
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from keywright.model.draft import Draft
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding


_DEPTH_OF_THING = 2
"""Steps of the path that leads to a declared thing as a whole."""
_REVIEWED = "a later day, after a review of the role and of who can assume it"


def check_ends(draft: Draft) -> Iterator[Finding]:
    """Warn of each thing that expired, with the line to delete; announce exceptions that expire soon."""
    for path, what, until in ends(draft):
        # Only a warning: no date blocks a deployment, and templates leave out what expired.
        if has_passed(until, draft.today):
            yield draft.finding(
                f"{what} expired",
                f"`until: {until}`, today is {draft.today}",
                _fix(draft, path),
                at=(*path, "until"),
                severity=Severity.WARNING,
            )
        elif (path[0] == "exceptions" or path == BREAK_GLASS) and until - draft.today <= NOTICE:
            yield draft.finding(
                f"{what} expires in {(until - draft.today).days} days, and {'they come' if path == BREAK_GLASS else 'its finding comes'} back",
                f"`until: {until}`",
                _REVIEWED if path == BREAK_GLASS else "the cause removed by that day",
                at=(*path, "until"),
                severity=Severity.ADVICE,
            )


def _fix(draft: Draft, path: Path) -> str:
    if path == BREAK_GLASS:
        return _REVIEWED
    line = draft.places.key(*path).line
    # An expired workload keeps its instances, so they are deleted only with its declaration.
    if path[0] == "workloads" and len(path) == _DEPTH_OF_THING:
        return f"a later day, or no workload: delete it from line {line} on, which also deletes its instance"
    return f"its removal: delete it from line {line} on" if line else "its removal"


def ends(draft: Draft) -> Iterator[tuple[Path, str, date]]:
    """List everything that has a last day: its path, a description and the day."""
    for section in ("users", "roles", "workloads", "permission_sets"):
        for name, identity in getattr(draft.declared, section).items():
            if identity.until:
                yield (section, name), owner((section, name)), identity.until
    for name, user in draft.declared.users.items():
        for index, membership in enumerate(user.groups):
            if membership.until:
                what = f"membership of user `{name}` in group `{membership.name}`"
                yield ("users", name, "groups", index), what, membership.until
    yield from _of_grants(draft)
    yield from _of_trusts(draft)
    for index, assignment in draft.indexed("assignments", draft.declared.assignments):
        if assignment.until:
            what = f"assignment of permission set `{assignment.permission_set}`"
            yield ("assignments", index), what, assignment.until
    yield from _of_exceptions(draft)


def _of_exceptions(draft: Draft) -> Iterator[tuple[Path, str, date]]:
    accepted = draft.account.break_glass if draft.account is not None else None
    if isinstance(accepted, BreakGlass):
        yield BREAK_GLASS, f"acceptance of the findings on `{accepted.role}`", accepted.until
    for index, exception in draft.indexed("exceptions", draft.declared.exceptions):
        what = f"exception to {exception.rule} on `{exception.on}`"
        yield ("exceptions", index), what, exception.until


def _of_trusts(draft: Draft) -> Iterator[tuple[Path, str, date]]:
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if isinstance(trust, AccountTrust) and trust.until:
                what = f"trust of role `{name}` in account `{trust.account}`"
                yield ("roles", name, "trusts", index), what, trust.until


def _of_grants(draft: Draft) -> Iterator[tuple[Path, str, date]]:
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if grant.until:
                yield (*path, "grants", index), f"grant {index + 1} of {owner(path)}", grant.until


def check_exceptions(draft: Draft) -> Iterator[Finding]:
    """Refuse a second exception to the same finding: the longer one would win unnoticed."""
    seen: dict[tuple[str, str, str | None], int] = {}
    implied = accepted_by_break_glass(draft.account, draft.declared.roles) if draft.account else ()
    by_break_glass = {(each.rule, each.on, each.finding) for each in implied}
    for index, exception in draft.indexed("exceptions", draft.declared.exceptions):
        key = (exception.rule, exception.on, exception.finding)
        first = seen.setdefault(key, index)
        if key in by_break_glass:
            there = draft.places.key(*BREAK_GLASS)
            yield draft.finding(
                f"a finding of {exception.rule} on `{exception.on}` is accepted by `break_glass` too",
                f"`break_glass` at {there}",
                "no exception, as `break_glass` has a reason and a last day",
                at=("exceptions", index),
                see=(there,),
            )
        elif first != index:
            there = draft.places.at("exceptions", first)
            yield draft.finding(
                f"a finding of {exception.rule} on `{exception.on}` has two exceptions",
                f"the first at {there}",
                "one of them",
                at=("exceptions", index),
                see=(there,),
            )
