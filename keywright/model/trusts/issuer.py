"""What is known of the issuers that have a name here: their addresses, and whom their tokens are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.model.trusts.identity_provider import IdentityProvider

STS = "sts.amazonaws.com"
ADDRESSES = {
    "github": "https://token.actions.githubusercontent.com",
    "gitlab": "https://gitlab.com",
    "terraform": "https://app.terraform.io",
    "buildkite": "https://agent.buildkite.com",
    "circleci": "https://oidc.circleci.com/org/{organization}",
    "bitbucket": "https://api.bitbucket.org/2.0/workspaces/{workspace}/pipelines-config/identity/oidc",
}
"""Addresses by name; two hold what the provider's declaration says."""
_AUDIENCES = {
    "gitlab": "https://gitlab.com",
    "terraform": "aws.workload.identity",
    "circleci": "{organization}",
    "bitbucket": "ari:cloud:bitbucket::workspace/{workspace_id}",
}
PRESETS = tuple(ADDRESSES)
NEEDED = {"circleci": ("organization",), "bitbucket": ("workspace", "workspace_id")}
"""What a provider must say for its address and audience to be known."""


def issuer_url(provider: IdentityProvider) -> str:
    """Give the https address of an OIDC provider's issuer.

    Raises:
        ValueError: It is not an OIDC provider.
    """
    if provider.oidc is None:
        raise ValueError("not an OIDC provider")
    return ADDRESSES.get(provider.oidc, provider.oidc).format(**_said(provider))


def audiences_of(provider: IdentityProvider) -> tuple[str, ...]:
    """Give whom the tokens are for: as declared, or as the issuer's users write it."""
    if provider.audiences:
        return provider.audiences
    return (_AUDIENCES.get(provider.oidc or "", STS).format(**_said(provider)),)


def _said(provider: IdentityProvider) -> dict[str, str | None]:
    return {key: getattr(provider, key) for keys in NEEDED.values() for key in keys}


def provider_for(kind: str, named: str | None, providers: Mapping[str, IdentityProvider]) -> str | None:
    """Name the declared provider of a trust: the one that it names, or the only one of its kind."""
    if named is not None:
        return named
    found = [name for name, provider in providers.items() if provider.oidc == kind]
    return found[0] if len(found) == 1 else None
