"""What is assigned by IAM Identity Center is assigned once, to groups that are named, where all that it takes is there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from keywright.model.fields.nearest import nearest
from keywright.model.holders import attached
from keywright.model.identity_center import LONGEST_NAME, twin_name
from keywright.policy.matching.arn import partition_of
from keywright.policy.quotas import PERMISSION_SETS, PERMISSION_SETS_IN_ACCOUNT, RESOURCES
from keywright.reporting.finding import Severity
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.model.draft import Draft
    from keywright.model.identity_center import Assignment, IdentityCenter, PermissionSet
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding

ROOM = RESOURCES.default - 20
"""What one stack has room for beside our own resources: an assignment must be in the stack of its permission set."""
_MOST = 20 * ROOM
"""Assignments that are looked at: whoever has more is told so by their number."""


def check_identity_center(draft: Draft) -> Iterator[Finding]:
    """Refuse what nobody could deploy, or what would be there twice."""
    if draft.declared.identity_center is None:
        yield from _without(draft)
    else:
        yield from _of_center(draft, draft.declared.identity_center)
    for index, assignment in draft.indexed("assignments", draft.declared.assignments):
        yield from _ends(draft, index, assignment)
    assigned = tuple(islice(_all(draft), _MOST))
    yield from _twice(draft, assigned)
    yield from _elsewhere(draft, assigned)
    yield from _quotas(draft, assigned)
    given = {each.permission_set for each in draft.declared.assignments}
    if len(draft.declared.assignments) < _declared(draft):
        return  # a malformed assignment may be of any set
    for name in draft.declared.permission_sets.keys() - given:
        yield draft.finding(
            f"permission set `{name}` is assigned to nobody",
            "no assignment of it",
            f"`{{permission_set: {name}, groups: […]}}` under `assignments`, or no such declaration",
            at=("permission_sets", name),
            severity=Severity.ADVICE,
        )


def _declared(draft: Draft) -> int:
    """Count the assignments that are declared, those too that are not well formed: who knows whom they are for."""
    return len(draft.data.get("assignments", ()))


def _without(draft: Draft) -> Iterator[Finding]:
    """Refuse permission sets without an instance, unless one is declared and is refused for itself."""
    for section in ("permission_sets", "assignments"):
        if getattr(draft.declared, section) and "identity_center" not in draft.data:
            yield draft.finding(
                f"`{section}` need an instance of IAM Identity Center",
                "no `identity_center`",
                "`identity_center: {instance: arn:aws:sso:::instance/…, identity_store: d-…}`",
                at=(section,),
            )


def _of_center(draft: Draft, center: IdentityCenter) -> Iterator[Finding]:
    account = draft.account
    ours = partition_of(account.region) if account else ""
    theirs = center.instance.split(":")[1]
    if account and theirs != ours:
        at = ("identity_center", "instance")
        message = "the instance of IAM Identity Center is of another partition than the account"
        yield draft.finding(message, quoted(center.instance), f"`arn:{ours}:…`", at=at)
    if account and partition_of(center.region or account.region) != ours:
        at = ("identity_center", "region")
        message = "the region of IAM Identity Center is of another partition than the account"
        yield draft.finding(message, f"`{center.region}`", f"a region of `{ours}`", at=at)
    for name, permission_set in draft.declared.permission_sets.items():
        found = permission_set.existing or ""
        if found and found.split("/")[1] != center.instance.split("/")[1]:
            yield draft.finding(
                f"permission set `{name}` is of another instance than `identity_center`",
                quoted(found),
                f"one of `{center.instance.split('/')[1]}`",
                at=("permission_sets", name, "existing"),
            )
    yield from _one_twice(draft)
    for index, assignment in draft.indexed("assignments", draft.declared.assignments):
        for place, group in enumerate(assignment.groups):
            if group not in center.groups:
                yield draft.finding(
                    f"group {quoted(group)} of IAM Identity Center is not declared",
                    quoted(group),
                    listed(nearest(group, center.groups)) or "a name under `groups` of `identity_center`",
                    at=("assignments", index, "groups", place),
                )


def _one_twice(draft: Draft) -> Iterator[Finding]:
    """Refuse two names for one permission set that exists: what is assigned by either would be one assignment."""
    seen: dict[str, str] = {}
    for name, permission_set in draft.declared.permission_sets.items():
        existing = permission_set.existing
        if existing is not None and seen.setdefault(existing, name) != name:
            there = draft.places.key("permission_sets", seen[existing])
            yield draft.finding(
                f"permission set `{name}` is `{seen[existing]}` once more",
                f"{quoted(existing)}, the first at {there}",
                "one of them",
                at=("permission_sets", name, "existing"),
                see=(there,),
            )


def _ends(draft: Draft, index: int, assignment: Assignment) -> Iterator[Finding]:
    """Refuse ends that no permission set could carry: one that exists is never changed, and a name has its length."""
    until = assignment.until
    permission_set = draft.declared.permission_sets.get(assignment.permission_set)
    if until is None or permission_set is None:
        return
    at = ("assignments", index, "until")
    if permission_set.existing:
        yield draft.finding(
            f"an existing permission set is assigned with an end, which only a copy of it could carry: `{assignment.permission_set}`",
            f"`until: {until}`",
            "no `until`; or a permission set of ours",
            at=at,
        )
    elif len(twin_name(assignment.permission_set, until)) > LONGEST_NAME:
        most = LONGEST_NAME - len(twin_name("", until))
        yield draft.finding(
            f"the name of permission set `{assignment.permission_set}` leaves no room for an end",
            f"{len(assignment.permission_set)} characters, and `{twin_name('', until)}` behind them",
            f"a name of at most {most} characters; or `until` with the permission set itself",
            at=at,
        )


@dataclass(frozen=True, slots=True)
class _Assigned:
    """Who gets what, where; and the place that says so. `made` is the permission set itself, or the twin that ends."""

    permission_set: str
    made: str
    who: str
    account: str
    at: Path


def _all(draft: Draft) -> Iterator[_Assigned]:
    here = draft.account.id if draft.account else ""
    for index, each in draft.indexed("assignments", draft.declared.assignments):
        name = each.permission_set
        made = twin_name(name, each.until) if each.until else name
        for account in each.accounts or (here,):
            for place, group in enumerate(each.groups):
                at: Path = ("assignments", index, "groups", place)
                yield _Assigned(name, made, group, account, at)
            for place, person in enumerate(each.people):
                at = ("assignments", index, "people", place, "id")
                yield _Assigned(name, made, person.id, account, at)


def _twice(draft: Draft, assigned: Sequence[_Assigned]) -> Iterator[Finding]:
    """Refuse to give the same to the same twice: AWS knows one assignment, and two ends would be one too many."""
    seen: dict[tuple[str, str, str], _Assigned] = {}
    for each in assigned:
        first = seen.setdefault((each.permission_set, each.who, each.account), each)
        if first is not each and first.at != each.at:
            there = draft.places.at(*first.at)
            yield draft.finding(
                f"permission set `{each.permission_set}` is assigned twice in account `{each.account}`",
                f"`{each.who}`, the first at {there}",
                "one of them",
                at=each.at,
                see=(there,),
            )


def _elsewhere(draft: Draft, assigned: Sequence[_Assigned]) -> Iterator[Finding]:
    """Refuse what takes a policy of this account, where it is assigned in another one that need not have it."""
    here = draft.account.id if draft.account else ""
    others: dict[str, str] = {}
    for each in assigned:
        if each.account != here:
            others.setdefault(each.permission_set, each.account)
    for name, account in others.items():
        if name in draft.declared.permission_sets and not draft.declared.permission_sets[name].existing:
            yield from _in(draft, account, name, draft.declared.permission_sets[name])


def _in(draft: Draft, account: str, name: str, permission_set: PermissionSet) -> Iterator[Finding]:
    if permission_set.boundary is None:
        yield draft.finding(
            f"permission set `{name}` is assigned in account `{account}`, which need not have our boundary",
            "no `boundary`",
            "`boundary: {ours: true}` where Keywright keeps that account too, under the same path; "
            "`{managed: …, because: …}`; or `{none: {because: …}}`",
            at=("permission_sets", name),
        )
    for at, policy in attached(("permission_sets", name), permission_set):
        if policy.own is not None or (
            policy.managed.startswith("arn:") and ":iam::aws:" not in policy.managed
        ):
            yield draft.finding(
                f"permission set `{name}` is assigned in account `{account}`, which need not have this policy",
                quoted(policy.managed),
                "`grants` of its own, or a policy of AWS's",
                at=at,
            )


def _quotas(draft: Draft, assigned: Sequence[_Assigned]) -> Iterator[Finding]:
    """Refuse more than an instance, an account or a stack holds."""
    twins = {each.made for each in assigned} - {each.permission_set for each in assigned}
    ours = len(draft.declared.permission_sets) + len(twins)
    if ours > PERMISSION_SETS.default:
        message = f"an instance of IAM Identity Center holds no more than {PERMISSION_SETS.default:,} permission sets"
        yield draft.finding(
            message, f"{ours:,}", f"at most {PERMISSION_SETS.default:,}", at=("permission_sets",)
        )
    sets_of = Counter(account for _, account in {(each.made, each.account) for each in assigned})
    for account, count in sets_of.items():
        if count > PERMISSION_SETS_IN_ACCOUNT.default:
            message = (
                f"account `{account}` holds no more than {PERMISSION_SETS_IN_ACCOUNT.default} permission sets"
            )
            yield draft.finding(
                message, str(count), f"at most {PERMISSION_SETS_IN_ACCOUNT.default}", at=("assignments",)
            )
    center = draft.declared.identity_center
    groups = center.groups.values() if center else ()
    made = sum(1 + len(each.members) for each in groups if each.id is None)
    resources = ours + made + len(assigned)
    if resources > ROOM:
        yield draft.finding(
            "permission sets, assignments and groups are more than a stack holds",
            f"{resources:,}{' or more' if len(assigned) == _MOST else ''}",
            f"at most {ROOM}; groups in the directory, and fewer assignments to larger groups",
            at=("assignments",) if draft.declared.assignments else ("permission_sets",),
        )
