"""A session is of a person, on a workload that takes sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.grant import SessionGrant
from keywright.model.group import Group
from keywright.model.holders import granting
from keywright.model.permission_set import PermissionSet
from keywright.model.role import Role
from keywright.model.subject import owner
from keywright.model.user import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.finding import Finding
    from keywright.model.draft import Draft


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse sessions of what is no person, and on workloads that take none."""
    for path, holder in granting(draft):
        is_people = isinstance(holder, Group | PermissionSet | Role) or (
            isinstance(holder, User) and holder.person is not None
        )
        for index, grant in enumerate(holder.grants):
            if not isinstance(grant, SessionGrant):
                continue
            at = (*path, "grants", index, "session_on")
            workload = draft.workloads.get(grant.session_on)
            if not is_people:
                yield draft.finding(
                    f"a session is granted to {owner(path)}, which is no person",
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
