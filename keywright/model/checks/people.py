"""Newcomers can be handed their first password, and somebody can always still administer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.grants.grant import AccessLevel, ServiceGrant
from keywright.model.trusts.account import AccountTrust
from keywright.model.trusts.trust import GroupTrust, SamlTrust
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.grants.grant import ManagedPolicyGrant
    from keywright.model.people.users import User
    from keywright.model.roles import Role
    from keywright.reporting.finding import Finding


ADMINISTERING = frozenset({"AdministratorAccess", "IAMFullAccess"})
"""AWS managed policies that let their holder give access again."""
_AT = ("account", "break_glass")
_REPAIR = {AccessLevel.WRITE, AccessLevel.PERMISSIONS_MANAGEMENT}


def check_emergency_access(draft: Draft) -> Iterator[Finding]:
    """Ask for a handover group where somebody gets a first password, and for a break-glass that can be proved."""
    if draft.account is None:
        return
    people = [name for name, user in draft.declared.users.items() if user.person is not None]
    newcomers = [name for name in people if draft.declared.users[name].console]
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
    role = draft.declared.roles.get(name)
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
        for user in draft.declared.users.values()
    )


def _is_lasting_person(user: User) -> bool:
    return user.person is not None and user.console and user.until is None


def check_handover(draft: Draft) -> Iterator[Finding]:
    """Warn of a handover group of ours in which nobody stays, where somebody gets a first password."""
    handover = draft.account.handover if draft.account else None
    newcomers = [
        name for name, user in draft.declared.users.items() if user.person is not None and user.console
    ]
    group = draft.declared.groups.get(handover) if handover else None
    if handover is None or group is None or group.existing or not newcomers:
        return
    if not has_lasting_person(draft, handover):
        yield draft.finding(
            f"nobody who stays is in group `{handover}`, which hands over first passwords",
            f"`console: true` of {listed(newcomers[:3])}",
            f"a person with `console: true` in `{handover}`, who stays",
            at=("account", "handover"),
            severity=Severity.WARNING,
        )


def check_ending_memberships(draft: Draft) -> Iterator[Finding]:
    """Refuse an end in a group that can't be copied: one that exists, or that holds managed policies that are not ours."""
    for name, user in draft.declared.users.items():
        for index, membership in enumerate(user.groups):
            group = draft.declared.groups.get(membership.name)
            if membership.until is None or group is None:
                continue
            at = ("users", name, "groups", index, "until")
            what = f"membership of user `{name}` in group `{membership.name}` can't end by itself"
            if group.existing:
                yield draft.finding(what, "an existing group", "a group of ours, or no `until`", at=at)
            elif foreign := [policy.managed for policy in group.policies if not _is_ours(draft, policy)]:
                held = listed(foreign)
                yield draft.finding(
                    what, f"managed policies, {held}", "`grants` in their place, or no `until`", at=at
                )


def _is_ours(draft: Draft, policy: ManagedPolicyGrant) -> bool:
    """Tell whether a copy of the group can hold what the policy gives: its grants are known."""
    own = draft.declared.policies.get(policy.own) if policy.own else None
    return own is not None and own.existing is None


_OURS = "a group of ours"


def check_existing_groups(draft: Draft) -> Iterator[Finding]:
    """Refuse what needs a policy of the group's."""
    existing = {name for name, group in draft.declared.groups.items() if group.existing}
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if isinstance(trust, GroupTrust) and trust.group in existing:
                message = (
                    f"role `{name}` trusts existing group `{trust.group}`, which would need a policy for it"
                )
                at = ("roles", name, "trusts", index, "group")
                yield draft.finding(message, f"`{trust.group}`", _OURS, at=at)
    if draft.account is not None and draft.account.handover in existing:
        message = "`handover` of the account is an existing group, which would need a policy for it"
        yield draft.finding(message, f"`{draft.account.handover}`", _OURS, at=("account", "handover"))
    for name, user in draft.declared.users.items():
        for index, reader in enumerate((user.application and user.application.readers) or ()):
            if reader.removeprefix("group/") in existing and reader.startswith("group/"):
                message = f"existing `{reader}` would need a policy to read the keys of user `{name}`"
                path = ("users", name, "application", "readers", index)
                yield draft.finding(message, f"`{reader}`", _OURS, at=path)
