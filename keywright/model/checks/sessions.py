"""A session is of a person, on a workload that takes sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.grant import SessionGrant
from keywright.model.group import Group
from keywright.model.holders import granting
from keywright.model.permission_set import PermissionSet
from keywright.model.role import AccountTrust, GroupTrust, Role, SamlTrust
from keywright.model.subject import owner
from keywright.model.user import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.holders import Holder
    from keywright.model.own_policy import OwnPolicy
    from keywright.model.role import Trust
    from keywright.model.subject import Path
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse sessions of what is no person, and on workloads that take none."""
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, SessionGrant):
                at = (*path, "grants", index, "session_on")
                yield from _granted(draft, grant, path, at, is_for_people=_is_for_people(holder))


def _granted(
    draft: Draft, grant: SessionGrant, path: Path, at: Path, *, is_for_people: bool
) -> Iterator[Finding]:
    workload = draft.workloads.get(grant.session_on)
    if not is_for_people:
        yield draft.finding(
            f"a session is granted to {owner(path)}, which is not for people alone",
            f"`session_on: {grant.session_on}`",
            "it in the grants of a group, a person or a role that people assume",
            at=at,
        )
    if workload is not None and not workload.sessions:
        yield draft.finding(
            f"workload `{grant.session_on}` takes no sessions",
            f"`session_on: {grant.session_on}`",
            f"`sessions: true` of workload `{grant.session_on}`",
            at=at,
        )


def _is_for_people(holder: Holder | OwnPolicy) -> bool:
    if isinstance(holder, Role):
        return all(map(_is_by_people, holder.trusts))
    if isinstance(holder, User):
        return holder.person is not None
    return isinstance(holder, Group | PermissionSet)


def _is_by_people(trust: Trust) -> bool:
    by_account = isinstance(trust, AccountTrust) and trust.people is not None
    return by_account or isinstance(trust, GroupTrust | SamlTrust)
