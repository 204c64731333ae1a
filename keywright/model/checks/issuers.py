"""An account holds one OIDC provider for each issuer ("CreateOpenIDConnectProvider", IAM API Reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.reporting.finding import Finding


def check_issuers(draft: Draft) -> Iterator[Finding]:
    """Refuse a second provider of an issuer, under whatever name and however its address is written."""
    seen: dict[str, str] = {}
    for name, provider in draft.declared.identity_providers.items():
        if provider.oidc is None:
            continue
        first = seen.setdefault(provider.url.rstrip("/"), name)
        if first != name:
            there = draft.places.key("identity_providers", first)
            yield draft.finding(
                f"identity provider `{name}` has the issuer of `{first}`, of which an account holds one provider",
                f"`{provider.url}`",
                f"one of them, with the `audiences` of both: `{first}` is at {there}",
                at=("identity_providers", name, "oidc"),
                see=(there,),
            )
