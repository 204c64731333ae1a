"""Declared things that expired, and exceptions that cover the same finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from keywright.model.accepted_findings import accepted_by_break_glass
from keywright.model.account.break_glass import BREAK_GLASS, BreakGlass
from keywright.model.adoption import ADOPTING
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
_KEPT = "or `kept` with the reason why it stays"
_REVIEWED = "a later day, after a review of the role and of who can assume it"


class Ending(NamedTuple):
    """Something with a last day: its path, what it is called, the day, and why it is kept after that day."""

    path: Path
    what: str
    until: date
    kept: str | None = None


def check_ends(draft: Draft) -> Iterator[Finding]:
    """Report each thing that expired, with the line to delete; announce exceptions that expire soon."""
    for path, what, until, kept in ends(draft):
        if has_passed(until, draft.today):
            if kept is None:
                yield _expired(draft, path, what, until)
        elif _is_acceptance(path) and until - draft.today <= NOTICE:
            yield draft.finding(
                f"{what} expires in {(until - draft.today).days} days, and {'its finding comes' if path[0] == 'exceptions' else 'they come'} back",
                f"`until: {until}`",
                _REVIEWED if path == BREAK_GLASS else "the cause removed by that day",
                at=(*path, "until"),
                severity=Severity.ADVICE,
            )
    yield from _kept_without_end(draft)


def _is_acceptance(path: Path) -> bool:
    return path[0] == "exceptions" or path == BREAK_GLASS or path[-1] == "adopted"


def _expired(draft: Draft, path: Path, what: str, until: date) -> Finding:
    # An error only where nothing is deployed: no date blocks a deployment, and templates leave out what expired.
    return draft.finding(
        f"{what} expired",
        f"`until: {until}`, today is {draft.today}",
        _fix(draft, path),
        at=(*path, "until"),
        severity=draft.dates,
    )


def _fix(draft: Draft, path: Path) -> str:
    if path == BREAK_GLASS:
        return _REVIEWED
    if path[-1] == "adopted":
        return "the account's boundary and MFA, or a later day after a review"
    line = draft.places.key(*draft.as_written(path)).line
    # An expired workload keeps its instances, so they are deleted only with its declaration.
    if path[0] == "workloads" and len(path) == _DEPTH_OF_THING:
        return f"a later day, or no workload: delete it from line {line} on, which also deletes its instance; {_KEPT}"
    removal = f"its removal: delete it from line {line} on" if line else "its removal"
    return removal if path[0] == "exceptions" else f"{removal}; {_KEPT}"


def _kept_without_end(draft: Draft) -> Iterator[Finding]:
    """Refuse a reason for keeping what does not end: the end may be misspelled."""
    for path in _with_key(draft.data, "kept"):
        yield draft.finding(
            "`kept` is for what has ended, and this has no end",
            "`kept` without `until`",
            "`until` with the last day, or no `kept`",
            at=(*path, "kept"),
            is_as_written=True,
        )


def _with_key(data: Any, key: str, path: Path = ()) -> Iterator[Path]:
    """Give the paths of the mappings with a reason for being kept, and no end."""
    if isinstance(data, Mapping):
        if isinstance(data.get(key), str) and "until" not in data and path[-1:] != ("tags",):
            yield path
        for name, value in data.items():
            yield from _with_key(value, key, (*path, name))
    elif isinstance(data, tuple):
        for index, value in enumerate(data):
            yield from _with_key(value, key, (*path, index))


def ends(draft: Draft) -> Iterator[Ending]:
    """List everything that has a last day."""
    for section in ("users", "roles", "workloads", "permission_sets"):
        for name, identity in getattr(draft.declared, section).items():
            if identity.until:
                yield Ending((section, name), owner((section, name)), identity.until, identity.kept)
    for name, user in draft.declared.users.items():
        for index, membership in enumerate(user.groups):
            if membership.until:
                what = f"membership of user `{name}` in group `{membership.name}`"
                yield Ending(("users", name, "groups", index), what, membership.until, membership.kept)
    yield from _of_grants(draft)
    yield from _of_trusts(draft)
    for index, assignment in draft.indexed("assignments", draft.declared.assignments):
        if assignment.until:
            what = f"assignment of permission set `{assignment.permission_set}`"
            yield Ending(("assignments", index), what, assignment.until, assignment.kept)
    yield from _of_exceptions(draft)


def _of_exceptions(draft: Draft) -> Iterator[Ending]:
    accepted = draft.account.break_glass if draft.account is not None else None
    if isinstance(accepted, BreakGlass):
        yield Ending(BREAK_GLASS, f"acceptance of the findings on `{accepted.role}`", accepted.until)
    for section in ADOPTING:
        for name, holder in getattr(draft.declared, section).items():
            if holder.adopted is not None and holder.adopted.until is not None:
                what = f"acceptance of the findings on adopted {owner((section, name))}"
                yield Ending((section, name, "adopted"), what, holder.adopted.until)
    for index, exception in draft.indexed("exceptions", draft.declared.exceptions):
        what = f"exception to {exception.rule} on `{exception.on}`"
        yield Ending(("exceptions", index), what, exception.until)


def _of_trusts(draft: Draft) -> Iterator[Ending]:
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if isinstance(trust, AccountTrust) and trust.until:
                what = f"trust of role `{name}` in account `{trust.account}`"
                yield Ending(("roles", name, "trusts", index), what, trust.until, trust.kept)


def _of_grants(draft: Draft) -> Iterator[Ending]:
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if grant.until:
                at: Path = (*path, "grants", index)
                number = int(draft.as_written(at)[-1]) + 1
                yield Ending(at, f"grant {number} of {owner(path)}", grant.until, grant.kept)


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
