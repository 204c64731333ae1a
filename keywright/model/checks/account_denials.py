"""The account's denials leave a way in: its own region, a role that repairs it, and those who come from elsewhere by nature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.finding import Finding, Severity
from keywright.model.quoting import listed
from keywright.model.trust import AccountTrust, GitHubTrust, OidcTrust

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
    """Tell which roles are assumed from networks that are not ours, and are not excepted."""
    excepted = {each.removeprefix("role/") for each in networks.excepting}
    for name, role in draft.roles.items():
        elsewhere = [each for each in role.trusts if isinstance(each, AccountTrust | GitHubTrust | OidcTrust)]
        if (
            elsewhere
            and name not in excepted
            and draft.account
            and draft.account.break_glass != f"role/{name}"
        ):
            yield draft.finding(
                f"role `{name}` is assumed by others, whose network may be none of these",
                f"`{name}`",
                f"`role/{name}` in `except`, or its network among `addresses`",
                at=(*_AT, "outside_networks"),
                severity=Severity.ADVICE,
            )
