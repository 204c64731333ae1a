"""People: the handover of first passwords, the break-glass role, memberships that end, and existing groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.account.break_glass import BREAK_GLASS
from keywright.model.grants.grant import AccessLevel, ServiceGrant
from keywright.model.trusts.account import AccountTrust
from keywright.model.trusts.trust import GroupTrust, SamlTrust
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from keywright.model.draft import Draft
    from keywright.model.grants.grant import ManagedPolicyGrant
    from keywright.model.people.users import User
    from keywright.model.roles import Role
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding


ADMINISTERING = frozenset({"AdministratorAccess", "IAMFullAccess"})
"""AWS managed policies that allow granting access again."""
_ADMINISTRATIVE_LEVELS = {AccessLevel.WRITE, AccessLevel.PERMISSIONS_MANAGEMENT}


def check_emergency_access(draft: Draft) -> Iterator[Finding]:
    """Require a handover group where somebody gets a first password, and a usable break-glass role."""
    if draft.account is None:
        return
    people = [name for name, user in draft.declared.users.items() if user.person is not None]
    # An adopted person has a password already.
    new_users = [
        name
        for name in people
        if draft.declared.users[name].console and draft.declared.users[name].adopted is None
    ]
    if new_users and draft.account.handover is None:
        yield draft.finding(
            "nobody can read the first passwords of new users",
            f"no `handover`, and `console: true` of {listed(new_users[:3])}",
            "`handover` with the group that gives new users their passwords",
            at=("account",),
        )
    if draft.account.break_glass_role is not None:
        yield from _break_glass(draft, draft.account.break_glass_role)
    # Only a warning: an administrator outside the path can repair the account too.
    elif people:
        accepted = "`break_glass: role/…` with an administrator's role"
        yield draft.finding(
            "no role is declared for administration in an emergency",
            "no `break_glass`",
            accepted,
            at=("account",),
            severity=Severity.WARNING,
            causes=(("account", "deny"),),
        )


def _break_glass(draft: Draft, reference: str) -> Iterator[Finding]:
    kind, _, name = reference.partition("/")
    if kind != "role":
        message = (
            "`break_glass` of the account is not a role, and the permissions boundary limits users and groups"
        )
        yield draft.finding(message, f"`{reference}`", "a `role/` that people assume", at=BREAK_GLASS)
        return
    role = draft.declared.roles.get(name)
    if role is None:
        return
    if role.existing:
        message = f"`break_glass` names existing role `{name}`, whose policies are not known here"
        yield draft.finding(message, f"`{reference}`", "a role without `existing`", at=BREAK_GLASS)
        return
    if role.until is not None:
        yield draft.finding(
            f"the break-glass role `{name}` has a last day",
            f"`until: {role.until}`",
            "a role without `until`",
            at=("roles", name, "until"),
        )
    if role.retiring is not None:
        yield draft.finding(
            f"the break-glass role `{name}` is retiring, and could do nothing in an emergency",
            f"`since: {role.retiring.since}`",
            "a role without `retiring`",
            at=("roles", name, "retiring"),
        )
    if not _administers(role):
        yield draft.finding(
            f"the break-glass role `{name}` can't administer IAM",
            listed(policy.managed for policy in role.policies) or "no managed policy",
            "`managed: AdministratorAccess`, without `until`",
            at=BREAK_GLASS,
            causes=(("roles", name),),
        )
    if not _can_be_assumed(draft, role):
        yield draft.finding(
            f"nobody can assume the break-glass role `{name}`",
            f"`{reference}`",
            "a person with `console: true` in its group, without `until` or `retiring`",
            at=BREAK_GLASS,
            causes=(
                ("roles", name),
                *_who_may_be_in(draft, {each.group for each in role.trusts if isinstance(each, GroupTrust)}),
            ),
        )


def _administers(role: Role) -> bool:
    if any(
        policy.own is None and policy.managed.rpartition("/")[2] in ADMINISTERING for policy in role.policies
    ):
        return True
    return any(isinstance(grant, ServiceGrant) and _administers_iam(grant) for grant in role.grants)


def _administers_iam(grant: ServiceGrant) -> bool:
    return (
        grant.until is None
        and grant.allow.service == "iam"
        and set(grant.allow.levels) >= _ADMINISTRATIVE_LEVELS
    )


def _can_be_assumed(draft: Draft, role: Role) -> bool:
    return any(
        # People of a SAML provider or of another account are not declared here, so they are assumed to exist.
        isinstance(trust, SamlTrust)
        or (isinstance(trust, AccountTrust) and trust.people is not None)
        or (isinstance(trust, GroupTrust) and has_lasting_person(draft, trust.group))
        for trust in role.trusts
    )


def has_lasting_person(draft: Draft, group: str) -> bool:
    """Tell whether a person with console access is in a group, neither with a last day nor retiring."""
    return any(
        _is_lasting_person(user) and any(each.name == group and each.until is None for each in user.groups)
        for user in draft.declared.users.values()
    )


def _is_lasting_person(user: User) -> bool:
    return user.person is not None and user.console and user.until is None and user.retiring is None


def _who_may_be_in(draft: Draft, groups: Collection[str]) -> Iterator[Path]:
    """Give the paths where a mistake may be why nobody is in the groups: the users that name one, and all memberships."""
    if "users" not in draft.data:
        yield ("users",)
    for name, written in draft.data.get("users", {}).items():
        mentions = not isinstance(written, dict) or any(group in str(written) for group in groups)
        yield ("users", name) if mentions else ("users", name, "groups")


def check_handover(draft: Draft) -> Iterator[Finding]:
    """Warn of a handover group without a lasting member, if somebody gets a first password."""
    handover = draft.account.handover if draft.account else None
    new_users = [
        name for name, user in draft.declared.users.items() if user.person is not None and user.console
    ]
    group = draft.declared.groups.get(handover) if handover else None
    if handover is None or group is None or group.existing or not new_users:
        return
    if not has_lasting_person(draft, handover):
        yield draft.finding(
            f"group `{handover}`, which hands over first passwords, has no lasting member",
            f"`console: true` of {listed(new_users[:3])}",
            f"a person with `console: true` in `{handover}`, without `until` or `retiring`",
            at=("account", "handover"),
            severity=Severity.WARNING,
            causes=tuple(_who_may_be_in(draft, {handover})),
        )


def check_ending_memberships(draft: Draft) -> Iterator[Finding]:
    """Refuse memberships that end in a group that cannot be copied: an existing one, or one with undeclared managed policies.

    A membership in IAM has no condition, so the member is put into a copy of the group whose statements expire.
    """
    for name, user in draft.declared.users.items():
        for index, membership in enumerate(user.groups):
            group = draft.declared.groups.get(membership.name)
            if membership.until is None or group is None:
                continue
            at = ("users", name, "groups", index, "until")
            what = f"membership of user `{name}` in group `{membership.name}` can't have an end"
            if group.existing:
                yield draft.finding(
                    what, "an existing group", "a group without `existing`, or no `until`", at=at
                )
            elif others := [policy.managed for policy in group.policies if not _is_declared(draft, policy)]:
                policies = listed(others)
                yield draft.finding(
                    what, f"managed policies {policies}", "`grants` instead, or no `until`", at=at
                )


def _is_declared(draft: Draft, policy: ManagedPolicyGrant) -> bool:
    """Tell whether the grants of a policy are declared, so that a copy of the group can have them."""
    own = draft.declared.policies.get(policy.own) if policy.own else None
    return own is not None and own.existing is None


_DECLARED_GROUP = "a group without `existing`"


def check_existing_groups(draft: Draft) -> Iterator[Finding]:
    """Refuse declarations that would need a new policy in an existing group."""
    existing = {name for name, group in draft.declared.groups.items() if group.existing}
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if isinstance(trust, GroupTrust) and trust.group in existing:
                message = f"role `{name}` trusts existing group `{trust.group}`, which would need a policy to assume it"
                at = ("roles", name, "trusts", index, "group")
                yield draft.finding(message, f"`{trust.group}`", _DECLARED_GROUP, at=at)
    if draft.account is not None and draft.account.handover in existing:
        message = "`handover` of the account is an existing group, which would need a policy to read secrets"
        yield draft.finding(
            message, f"`{draft.account.handover}`", _DECLARED_GROUP, at=("account", "handover")
        )
    for name, user in draft.declared.users.items():
        for index, reader in enumerate((user.application and user.application.readers) or ()):
            if reader.removeprefix("group/") in existing and reader.startswith("group/"):
                message = f"existing `{reader}` would need a policy to read the keys of user `{name}`"
                path = ("users", name, "application", "readers", index)
                yield draft.finding(message, f"`{reader}`", _DECLARED_GROUP, at=path)
