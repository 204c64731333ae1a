"""Role or user? Advice where people have passwords of this account, and a SAML provider could vouch for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.finding import Finding, Severity
from keywright.model.checks.role_or_user import free_role
from keywright.model.day import NOTICE
from keywright.model.proposal import written
from keywright.model.quoting import listed
from keywright.model.trust import GroupTrust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.user import User

_SHOWN = 3


def check(draft: Draft) -> Iterator[Finding]:
    """Advise once on all of them; those who can still get in when the provider is down are meant to have a password."""
    providers = [name for name, provider in draft.identity_providers.items() if provider.saml is not None]
    people = [name for name, user in draft.users.items() if user.console and not _is_last_resort(draft, user)]
    if not providers or not people or _is_quiet(draft):
        return
    more = f" and {len(people) - _SHOWN} more" if len(people) > _SHOWN else ""
    have = "one person has a password" if len(people) == 1 else f"{len(people)} people have passwords"
    yield draft.finding(
        f"{have} of this account where `{providers[0]}` vouches for people",
        f"{listed(people[:_SHOWN])}{more}",
        f"roles for the users of `{providers[0]}`; or `own_users` under `account`, with the reason and a review",
        at=("users", people[0]),
        severity=Severity.ADVICE,
        see=(draft.places.key("identity_providers", providers[0]),),
        instead=_instead(draft, providers[0], people),
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
