"""The account's denials leave a way in: its own region, a role that repairs it, and those who come from elsewhere by nature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.account_trust import AccountTrust
from keywright.model.trust import GitHubTrust, OidcTrust
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.account_denials import Denials, Networks
    from keywright.model.draft import Draft

_AT = ("account", "deny")


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse denials by which the account's own region, or everybody for good, would be shut out."""
    if draft.account is None or draft.account.deny is None:
        return
    denied = draft.account.deny
    if denied.outside_regions and draft.account.region not in denied.outside_regions:
        yield draft.finding(
            "the account's own region is none of those where requests are allowed",
            listed(denied.outside_regions),
            f"`{draft.account.region}` among them",
            at=(*_AT, "outside_regions"),
        )
    copies = draft.account.access_keys.replica
    if denied.outside_regions and copies is not None and copies not in denied.outside_regions:
        yield draft.finding(
            "the copies of applications' keys lie in a region where nobody may read them",
            listed(denied.outside_regions),
            f"`{copies}` among them",
            at=(*_AT, "outside_regions"),
        )
    yield from _without_repair(draft, denied)
    if denied.outside_networks is not None:
        yield from _from_elsewhere(draft, denied.outside_networks)


def _without_repair(draft: Draft, denied: Denials) -> Iterator[Finding]:
    for key in ("outside_networks", "outside_organizations"):
        if getattr(denied, key) and draft.account is not None and draft.account.break_glass is None:
            yield draft.finding(
                f"a mistake in `{key}` would lock everybody out for good",
                "no `break_glass`",
                "`break_glass: role/…` with a role of an administrator, which is free of it",
                at=(*_AT, key),
            )


def _from_elsewhere(draft: Draft, networks: Networks) -> Iterator[Finding]:
    """Tell who comes from networks that are not ours by nature, and is not excepted."""
    for reference, why in _comers(draft):
        if reference not in networks.excepting:
            kind, _, name = reference.partition("/")
            yield draft.finding(
                f"{kind} `{name}` {why}, whose network may be none of these",
                f"`{name}`",
                f"`{reference}` in `except`, or its network among `addresses`",
                at=(*_AT, "outside_networks"),
                severity=Severity.ADVICE,
            )


def _comers(draft: Draft) -> Iterator[tuple[str, str]]:
    repair = draft.account.break_glass if draft.account else None
    for name, role in draft.roles.items():
        if f"role/{name}" != repair and any(
            isinstance(each, AccountTrust | GitHubTrust | OidcTrust) for each in role.trusts
        ):
            yield f"role/{name}", "is assumed by others"
    for name, user in draft.users.items():
        if user.access_keys:
            yield f"user/{name}", "is an application"
