"""Role or user? Advice where people have passwords of this account, and somebody else could vouch for them.

IAM Identity Center does so before any SAML provider: there nobody has to keep roles and their trusts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.model.checks.role_or_user import free_role
from keywright.model.day import NOTICE
from keywright.model.permission_set import LONGEST_NAME
from keywright.model.proposal import written
from keywright.model.trust import GroupTrust
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.user import User

_SHOWN = 3


def check(draft: Draft) -> Iterator[Finding]:
    """Advise once on all of them; those who can still get in when the provider is down are meant to have a password."""
    providers = [name for name, provider in draft.identity_providers.items() if provider.saml is not None]
    people = [name for name, user in draft.users.items() if user.console and not _is_last_resort(draft, user)]
    center = draft.identity_center
    if not (providers or center) or not people or _is_quiet(draft):
        return
    voucher = "IAM Identity Center" if center else f"`{providers[0]}`"
    them = (
        "permission sets for groups of IAM Identity Center" if center else f"roles for the users of {voucher}"
    )
    there = draft.places.key(*(("identity_center",) if center else ("identity_providers", providers[0])))
    more = f" and {len(people) - _SHOWN} more" if len(people) > _SHOWN else ""
    have = "one person has a password" if len(people) == 1 else f"{len(people)} people have passwords"
    yield draft.finding(
        f"{have} of this account where {voucher} vouches for people",
        f"{listed(people[:_SHOWN])}{more}",
        f"{them}; or `own_users` under `account`, with the reason and a review",
        at=("users", people[0]),
        severity=Severity.ADVICE,
        see=(there,),
        instead=_by_center(draft, people) if center else _instead(draft, providers[0], people),
    )


def _is_quiet(draft: Draft) -> bool:
    """Tell whether the account says why, or can't be read, so that nothing is known of it."""
    if draft.account is None:
        return True
    own = draft.account.own_users
    return own is not None and own.review - draft.today > NOTICE


def _is_last_resort(draft: Draft, user: User) -> bool:
    """Tell whether somebody assumes the break-glass role."""
    name = ((draft.account.break_glass if draft.account else None) or "").removeprefix("role/")
    role = draft.roles.get(name)
    groups = {each.group for each in role.trusts if isinstance(each, GroupTrust)} if role else set()
    return any(membership.name in groups for membership in user.groups)


def _instead(draft: Draft, provider: str, people: list[str]) -> str:
    """Write a role for each of their groups, and say which roles take the provider in their trust."""
    groups = dict.fromkeys(membership.name for name in people for membership in draft.users[name].groups)
    roles = {
        free_role(draft, group): _role(draft, provider, group) for group in groups if _holds(draft, group)
    }
    assumed = [
        f"# in role `{name}`: {{saml: {provider}}} in place of its group"
        for name, role in draft.roles.items()
        if any(isinstance(trust, GroupTrust) and trust.group in groups for trust in role.trusts)
    ]
    return "\n".join([*([written("roles", roles)] if roles else []), *assumed])


def _by_center(draft: Draft, people: list[str]) -> str:
    """Write a permission set for each of their groups, and its assignment to the group that the directory has for it."""
    groups = dict.fromkeys(membership.name for name in people for membership in draft.users[name].groups)
    sets = {_free_set(draft, group): group for group in groups if _holds(draft, group)}
    if not sets:
        return ""
    held = {
        name: {key: draft.data["groups"][group].get(key, ()) for key in ("grants", "policies")}
        for name, group in sets.items()
    }
    given = [
        f"# in `assignments`: {{permission_set: {name}, groups: [{group}]}}, with the id of `{group}` under `identity_center`"
        for name, group in sets.items()
    ]
    return "\n".join([written("permission_sets", held), *given])


def _free_set(draft: Draft, group: str) -> str:
    name = group[:LONGEST_NAME]
    return name if name not in draft.names.get("permission_sets", ()) else f"{name[: LONGEST_NAME - 4]}-set"


def _holds(draft: Draft, group: str) -> bool:
    found = draft.groups.get(group)
    return found is not None and bool(found.grants or found.policies)


def _role(draft: Draft, provider: str, group: str) -> dict[str, Any]:
    held = draft.data["groups"][group]
    return {
        "trusts": [{"saml": provider}],
        "grants": held.get("grants", ()),
        "policies": held.get("policies", ()),
    }
