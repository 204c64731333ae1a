"""Newcomers can be handed their first password, and somebody can always still administer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.account_trust import AccountTrust
from keywright.model.grant import AccessLevel, ServiceGrant
from keywright.model.trust import GroupTrust, SamlTrust
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.role import Role
    from keywright.model.user import User

ADMINISTERING = frozenset({"AdministratorAccess", "IAMFullAccess"})
"""AWS managed policies that let their holder give access again."""
_AT = ("account", "break_glass")
_REPAIR = {AccessLevel.WRITE, AccessLevel.PERMISSIONS_MANAGEMENT}


def check(draft: Draft) -> Iterator[Finding]:
    """Ask for a handover group where somebody gets a first password, and for a break-glass that can be proved."""
    if draft.account is None:
        return
    people = [name for name, user in draft.users.items() if user.person is not None]
    newcomers = [name for name in people if draft.users[name].console]
    if newcomers and draft.account.handover is None:
        yield draft.finding(
            "nobody may read a newcomer's first password",
            f"no `handover`, and `console: true` of {listed(newcomers[:3])}",
            "`handover` with the group that hands passwords over",
            at=("account",),
        )
    if draft.account.break_glass is not None:
        yield from _break_glass(draft, draft.account.break_glass)
    elif people:
        accepted = "`break_glass: role/…` with a role of an administrator"
        yield draft.finding(
            "nobody is named who can always still administer",
            "no `break_glass`",
            accepted,
            at=("account",),
            severity=Severity.WARNING,
        )


def _break_glass(draft: Draft, reference: str) -> Iterator[Finding]:
    kind, _, name = reference.partition("/")
    if kind != "role":
        message = (
            "`break_glass` of the account is no role, and whoever else acts is fenced in by the boundary"
        )
        yield draft.finding(message, f"`{reference}`", "a `role/` that people assume", at=_AT)
        return
    role = draft.roles.get(name)
    if role is None:
        return
    if role.existing:
        message = f"role `{name}` exists already, so that nothing proves that it can administer"
        yield draft.finding(message, f"`{reference}`", "a role of ours", at=_AT)
        return
    if role.until is not None:
        yield draft.finding(
            f"role `{name}` ends, and with it the way to administer in an emergency",
            f"`until: {role.until}`",
            "a role without an end",
            at=("roles", name, "until"),
        )
    if not _administers(role):
        yield draft.finding(
            f"role `{name}` could not administer in an emergency",
            listed(policy.managed for policy in role.policies) or "no managed policy",
            "`managed: AdministratorAccess`, without an end",
            at=_AT,
        )
    if not _is_reached(draft, role):
        yield draft.finding(
            f"nobody could act as role `{name}` in an emergency",
            f"`{reference}`",
            "a person with `console: true` who stays in its group",
            at=_AT,
        )


def _administers(role: Role) -> bool:
    if any(
        policy.own is None and policy.managed.rpartition("/")[2] in ADMINISTERING for policy in role.policies
    ):
        return True
    return any(isinstance(grant, ServiceGrant) and _repairs(grant) for grant in role.grants)


def _repairs(grant: ServiceGrant) -> bool:
    return grant.until is None and grant.allow.service == "iam" and set(grant.allow.levels) >= _REPAIR


def _is_reached(draft: Draft, role: Role) -> bool:
    return any(
        isinstance(trust, SamlTrust)
        or (isinstance(trust, AccountTrust) and trust.people is not None)
        or (isinstance(trust, GroupTrust) and has_lasting_person(draft, trust.group))
        for trust in role.trusts
    )


def has_lasting_person(draft: Draft, group: str) -> bool:
    """Tell whether somebody who signs in is in a group and stays."""
    return any(
        _is_lasting_person(user) and any(each.name == group and each.until is None for each in user.groups)
        for user in draft.users.values()
    )


def _is_lasting_person(user: User) -> bool:
    return user.person is not None and user.console and user.until is None
