"""Roles of other accounts are assumed by people with a second factor, and by software, which has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.grant import AssumeGrant
from keywright.model.holders import granting
from keywright.model.subject import owner
from keywright.model.user import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.holders import Holder
    from keywright.model.own_policy import OwnPolicy
    from keywright.model.subject import Path
    from keywright.reporting.finding import Finding

_SHARED = ("policies", "delegations")


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse a grant on a role of this very account, one without the second factor, and one whose holder is not known."""
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, AssumeGrant):
                yield from _grant(draft, (*path, "grants", index), holder, grant)


def _grant(draft: Draft, path: Path, holder: Holder | OwnPolicy, grant: AssumeGrant) -> Iterator[Finding]:
    section = str(path[0])
    who = owner(path)
    if draft.account is not None and grant.owner == draft.account.id:
        kind = "role" if section == "roles" else "group"
        yield draft.finding(
            f"{who} is granted to assume a role of this very account, whose trust says who does",
            f"`{grant.assume}`",
            f"`trusts: [{{{kind}: …}}]` of that role, which writes both sides",
            at=(*path, "assume"),
        )
    if section in _SHARED:
        yield draft.finding(
            f"{who} says of a role in another account nothing about who assumes it",
            f"`assume: {grant.assume}`",
            "the grant at the group, user, role or workload itself",
            at=(*path, "assume"),
        )
    elif _is_people(section, holder) and grant.mfa is None:
        yield draft.finding(
            f"{who} assumes a role of another account without a second factor",
            "no `mfa`",
            "`mfa: {within: 1h}`, and `people` at that role's trust",
            at=(*path, "assume"),
        )
    elif not _is_people(section, holder) and grant.mfa is not None:
        yield draft.finding(
            f"a session of {who} shows no second factor"
            if section == "permission_sets"
            else f"{who} is software, which has no second factor to show",
            f"`mfa: {{within: {grant.mfa.within}}}`",
            "no `mfa`; `external_id` where the role asks for one",
            at=(*path, "mfa"),
        )


def _is_people(section: str, holder: Holder | OwnPolicy) -> bool:
    return section == "groups" or (isinstance(holder, User) and holder.application is None)
