"""Every name that is used is declared, and is of the kind that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.grant import S3Grant
from keywright.model.holders import holders
from keywright.model.nearest import nearest
from keywright.model.quoting import listed
from keywright.model.subject import SINGULAR
from keywright.model.trust import GitHubTrust, GroupTrust, OidcTrust, SamlTrust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.finding import Finding
    from keywright.model.draft import Draft
    from keywright.model.subject import Path
    from keywright.model.trust import Trust

_SECTION = {
    "user": "users",
    "group": "groups",
    "role": "roles",
    "workload": "workloads",
    "bucket": "buckets",
    "provider": "identity_providers",
}
"""The kind of a reference such as `role/vendor` to the section that declares it."""


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse each name that nothing is declared under, with the nearest names."""
    yield from _of_memberships(draft)
    yield from _of_grants(draft)
    yield from _of_trusts(draft)
    yield from _of_account(draft)
    yield from _of_lists(draft)


def _of_memberships(draft: Draft) -> Iterator[Finding]:
    for name, user in draft.users.items():
        for index, membership in enumerate(user.groups):
            yield from _known(draft, "groups", membership.name, ("users", name, "groups", index, "name"))


def _of_grants(draft: Draft) -> Iterator[Finding]:
    for path, holder in holders(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, S3Grant):
                yield from _known(draft, "buckets", grant.bucket, (*path, "grants", index, "bucket"))


def _of_trusts(draft: Draft) -> Iterator[Finding]:
    for name, role in draft.roles.items():
        for index, trust in enumerate(role.trusts):
            yield from _of_trust(draft, trust, ("roles", name, "trusts", index))


def _of_trust(draft: Draft, trust: Trust, path: Path) -> Iterator[Finding]:
    if isinstance(trust, GroupTrust):
        yield from _known(draft, "groups", trust.group, (*path, "group"))
    elif isinstance(trust, SamlTrust):
        yield from _provider(draft, "saml", trust.saml, path)
    elif isinstance(trust, OidcTrust):
        yield from _provider(draft, "oidc", trust.oidc, path)
    elif isinstance(trust, GitHubTrust):
        yield from _github(draft, trust, path)


def _provider(draft: Draft, kind: str, name: str, path: Path) -> Iterator[Finding]:
    yield from _known(draft, "identity_providers", name, (*path, kind))
    provider = draft.identity_providers.get(name)
    if provider is not None and getattr(provider, kind) is None:
        others = [
            each for each, other in draft.identity_providers.items() if getattr(other, kind) is not None
        ]
        yield draft.finding(
            f"identity provider `{name}` is not of the kind {kind.upper()}",
            f"`{name}`",
            listed(nearest(name, others)) or f"a provider with `{kind}`",
            at=(*path, kind),
        )


def _github(draft: Draft, trust: GitHubTrust, path: Path) -> Iterator[Finding]:
    unread = set(draft.names.get("identity_providers", ())) - set(draft.identity_providers)
    if not unread and all(provider.oidc != "github" for provider in draft.identity_providers.values()):
        yield draft.finding(
            "no identity provider of GitHub is declared",
            f"`github: {trust.github}`",
            "`github: {oidc: github}` under `identity_providers`, with `existing: true` if the account has it",
            at=(*path, "github"),
        )


def _of_account(draft: Draft) -> Iterator[Finding]:
    account = draft.account
    if account is not None and account.handover is not None:
        yield from _known(draft, "groups", account.handover, ("account", "handover"))
    if account is not None and account.break_glass is not None:
        yield from _referred(draft, account.break_glass, ("account", "break_glass"))


def _of_lists(draft: Draft) -> Iterator[Finding]:
    for index, exception in draft.exceptions.items():
        yield from _referred(draft, exception.on, ("exceptions", index, "on"))
    for index, never in draft.never.items():
        if never.who != "everyone":
            yield from _referred(draft, never.who, ("never", index, "who"))
        for place, excepted in enumerate(never.excepting):
            yield from _referred(draft, excepted, ("never", index, "except", place))
        if never.on.startswith("bucket/"):
            yield from _referred(draft, never.on, ("never", index, "on"))


def _referred(draft: Draft, reference: str, path: Path) -> Iterator[Finding]:
    kind, _, name = reference.partition("/")
    return _known(draft, _SECTION[kind], name, path, prefix=f"{kind}/")


def _known(draft: Draft, section: str, name: str, path: Path, prefix: str = "") -> Iterator[Finding]:
    names = draft.names.get(section, ())
    if name not in names:
        near = listed(f"{prefix}{each}" for each in nearest(name, names))
        yield draft.finding(
            f"{SINGULAR[section]} `{name}` is not declared",
            f"`{prefix}{name}`",
            near or f"a name under `{section}`",
            at=path,
        )
