"""IAM Identity Center: permission sets and their assignments to groups and users in accounts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from keywright.model.fields.nearest import nearest
from keywright.model.identity_center import LONGEST_NAME, twin_name
from keywright.model.queries import attached
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
"""The most assignments that are checked; more exceed a quota anyway."""


def check_identity_center(draft: Draft) -> Iterator[Finding]:
    """Refuse assignments that can't be deployed or are declared twice."""
    if draft.declared.identity_center is None:
        yield from _without_instance(draft)
    else:
        yield from _of_instance(draft, draft.declared.identity_center)
    for index, assignment in draft.indexed("assignments", draft.declared.assignments):
        yield from _ends(draft, index, assignment)
    assigned = tuple(islice(_assignments(draft), _MOST))
    yield from _assigned_twice(draft, assigned)
    yield from _in_other_accounts(draft, assigned)
    yield from _quotas(draft, assigned)
    given = {each.permission_set for each in draft.declared.assignments}
    for name in draft.declared.permission_sets.keys() - given:
        yield draft.finding(
            f"permission set `{name}` is not assigned",
            "no assignment",
            f"`{{permission_set: {name}, groups: […]}}` under `assignments`, or its removal",
            at=("permission_sets", name),
            severity=Severity.ADVICE,
            causes=((),),
        )


def _without_instance(draft: Draft) -> Iterator[Finding]:
    """Refuse permission sets without an instance, unless a malformed one is reported already."""
    needing = [each for each in ("permission_sets", "assignments") if getattr(draft.declared, each)]
    if needing and "identity_center" not in draft.data:
        yield draft.finding(
            f"{listed(needing, 'and')} need an instance of IAM Identity Center",
            "no `identity_center`",
            "`identity_center: {instance: arn:aws:sso:::instance/…, identity_store: d-…}`",
            at=(needing[0],),
            causes=(("identity_center",),),
        )


def _of_instance(draft: Draft, center: IdentityCenter) -> Iterator[Finding]:
    account = draft.account
    partition = partition_of(account.region) if account else ""
    its_partition = center.instance.split(":")[1]
    if account and its_partition != partition:
        at = ("identity_center", "instance")
        message = "the instance of IAM Identity Center is in another partition than the account"
        yield draft.finding(message, quoted(center.instance), f"`arn:{partition}:…`", at=at)
    if account and partition_of(center.region or account.region) != partition:
        at = ("identity_center", "region")
        message = "the region of IAM Identity Center is in another partition than the account"
        yield draft.finding(message, f"`{center.region}`", f"a region of `{partition}`", at=at)
    for name, permission_set in draft.declared.permission_sets.items():
        found = permission_set.existing or ""
        # The ARN of a permission set contains the ID of its instance.
        if found and found.split("/")[1] != center.instance.split("/")[1]:
            yield draft.finding(
                f"permission set `{name}` belongs to another instance than `identity_center`",
                quoted(found),
                f"a permission set of `{center.instance.split('/')[1]}`",
                at=("permission_sets", name, "existing"),
            )
    yield from _same_existing(draft)
    for index, assignment in draft.indexed("assignments", draft.declared.assignments):
        for place, group in enumerate(assignment.groups):
            if group not in center.groups:
                yield draft.finding(
                    f"group {quoted(group)} of IAM Identity Center is not declared",
                    quoted(group),
                    listed(nearest(group, center.groups)) or "a name under `groups` of `identity_center`",
                    at=("assignments", index, "groups", place),
                )


def _same_existing(draft: Draft) -> Iterator[Finding]:
    """Refuse two names for one existing permission set: their assignments would be the same."""
    seen: dict[str, str] = {}
    for name, permission_set in draft.declared.permission_sets.items():
        existing = permission_set.existing
        if existing is not None and seen.setdefault(existing, name) != name:
            there = draft.places.key("permission_sets", seen[existing])
            yield draft.finding(
                f"permission sets `{seen[existing]}` and `{name}` have the same ARN",
                f"{quoted(existing)}, the first at {there}",
                "one of them",
                at=("permission_sets", name, "existing"),
                see=(there,),
            )


def _ends(draft: Draft, index: int, assignment: Assignment) -> Iterator[Finding]:
    """Refuse an end that needs a copy of an existing permission set, or of one whose name is too long for a copy."""
    until = assignment.until
    permission_set = draft.declared.permission_sets.get(assignment.permission_set)
    if until is None or permission_set is None:
        return
    at = ("assignments", index, "until")
    if permission_set.existing:
        yield draft.finding(
            f"an assignment of existing permission set `{assignment.permission_set}` has an end, which needs a copy of it",
            f"`until: {until}`",
            "no `until`, or a permission set without `existing`",
            at=at,
        )
    elif len(twin_name(assignment.permission_set, until)) > LONGEST_NAME:
        most = LONGEST_NAME - len(twin_name("", until))
        yield draft.finding(
            f"the name of permission set `{assignment.permission_set}` is too long for an assignment with an end",
            f"{len(assignment.permission_set)} characters, with `{twin_name('', until)}` appended",
            f"a name of at most {most} characters, or `until` of the permission set itself",
            at=at,
        )


@dataclass(frozen=True, slots=True)
class _Assigned:
    """One assignment to a group or user in an account; `created` names the permission set, or its copy that ends."""

    permission_set: str
    created: str
    who: str
    account: str
    at: Path


def _assignments(draft: Draft) -> Iterator[_Assigned]:
    here = draft.account.id if draft.account else ""
    for index, each in draft.indexed("assignments", draft.declared.assignments):
        name = each.permission_set
        created = twin_name(name, each.until) if each.until else name
        for account in each.accounts or (here,):
            for place, group in enumerate(each.groups):
                at: Path = ("assignments", index, "groups", place)
                yield _Assigned(name, created, group, account, at)
            for place, person in enumerate(each.people):
                at = ("assignments", index, "people", place, "id")
                yield _Assigned(name, created, person.id, account, at)


def _assigned_twice(draft: Draft, assigned: Sequence[_Assigned]) -> Iterator[Finding]:
    """Refuse two assignments of one permission set to the same group or user: AWS has one, with one end."""
    seen: dict[tuple[str, str, str], _Assigned] = {}
    for each in assigned:
        first = seen.setdefault((each.permission_set, each.who, each.account), each)
        # At the same place, one assignment lists an account twice, which is reported elsewhere.
        if first is not each and first.at != each.at:
            there = draft.places.at(*first.at)
            yield draft.finding(
                f"permission set `{each.permission_set}` is assigned twice in account `{each.account}`",
                f"`{each.who}`, the first at {there}",
                "one of them",
                at=each.at,
                see=(there,),
            )


def _in_other_accounts(draft: Draft, assigned: Sequence[_Assigned]) -> Iterator[Finding]:
    """Refuse assignments in other accounts that need a managed policy of this account."""
    here = draft.account.id if draft.account else ""
    others: dict[str, str] = {}
    for each in assigned:
        if each.account != here:
            others.setdefault(each.permission_set, each.account)
    for name, account in others.items():
        if name in draft.declared.permission_sets and not draft.declared.permission_sets[name].existing:
            yield from _needs_local_policy(draft, account, name, draft.declared.permission_sets[name])


def _needs_local_policy(
    draft: Draft, account: str, name: str, permission_set: PermissionSet
) -> Iterator[Finding]:
    if permission_set.boundary is None:
        yield draft.finding(
            f"permission set `{name}` is assigned in account `{account}`, which may lack the boundary",
            "no `boundary`",
            "`boundary: {ours: true}` if Keywright manages that account too, under the same path; "
            "`{managed: …, because: …}`; or `{none: {because: …}}`",
            at=("permission_sets", name),
        )
    for at, policy in attached(("permission_sets", name), permission_set):
        # Permission sets attach customer managed policies by name, so each account needs a policy of its own.
        if policy.own is not None or (
            policy.managed.startswith("arn:") and ":iam::aws:" not in policy.managed
        ):
            yield draft.finding(
                f"permission set `{name}` is assigned in account `{account}`, which may lack this policy",
                quoted(policy.managed),
                "`grants` of its own, or an AWS managed policy",
                at=at,
            )


def _quotas(draft: Draft, assigned: Sequence[_Assigned]) -> Iterator[Finding]:
    """Refuse more than the quotas of the instance, an account or a stack."""
    copies = {each.created for each in assigned} - {each.permission_set for each in assigned}
    count_of_sets = len(draft.declared.permission_sets) + len(copies)
    if count_of_sets > PERMISSION_SETS.default:
        message = "the instance of IAM Identity Center exceeds the quota for permission sets"
        yield draft.finding(
            message, f"{count_of_sets:,}", f"at most {PERMISSION_SETS.default:,}", at=("permission_sets",)
        )
    sets_of = Counter(account for _, account in {(each.created, each.account) for each in assigned})
    for account, count in sets_of.items():
        if count > PERMISSION_SETS_IN_ACCOUNT.default:
            message = f"account `{account}` exceeds the quota for permission sets"
            yield draft.finding(
                message, str(count), f"at most {PERMISSION_SETS_IN_ACCOUNT.default}", at=("assignments",)
            )
    center = draft.declared.identity_center
    groups = center.groups.values() if center else ()
    created = sum(1 + len(each.members) for each in groups if each.id is None)
    resources = count_of_sets + created + len(assigned)
    if resources > ROOM:
        yield draft.finding(
            "permission sets, assignments and groups exceed the quota for resources of a stack",
            f"{resources:,}{' or more' if len(assigned) == _MOST else ''}",
            f"at most {ROOM}: groups created in the directory, and fewer assignments to larger groups",
            at=("assignments",) if draft.declared.assignments else ("permission_sets",),
        )
