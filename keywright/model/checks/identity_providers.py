"""Checks of identity providers and EKS: one OIDC provider for each issuer, one role for each service account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.model.trusts.issuers.eks import CLUSTER_ADDRESS, SERVICE_ACCOUNT_SUBJECT
from keywright.model.trusts.pod_identity import EksTrust
from keywright.model.trusts.trust import OidcTrust
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding


def check_issuers(draft: Draft) -> Iterator[Finding]:
    """Report a second provider of an issuer, which IAM would refuse ("CreateOpenIDConnectProvider", IAM API Reference)."""
    seen: dict[str, str] = {}
    for name, provider in draft.declared.identity_providers.items():
        if provider.oidc is None:
            continue
        first = seen.setdefault(provider.url.rstrip("/"), name)
        if first != name:
            there = draft.places.key("identity_providers", first)
            yield draft.finding(
                f"identity provider `{name}` has the same issuer as `{first}`, and an account can have only one provider for it",
                f"`{provider.url}`",
                f"one of them, with the `audiences` of both: `{first}` is at {there}",
                at=("identity_providers", name, "oidc"),
                see=(there,),
            )


def check_clusters(draft: Draft) -> Iterator[Finding]:
    """Report a second role for one service account, and subjects that no pod's token has."""
    yield from _associations(draft)
    yield from _subjects(draft)


def _associations(draft: Draft) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str], Path] = {}
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if not isinstance(trust, EksTrust):
                continue
            pods, at = trust.eks, ("roles", name, "trusts", index, "eks")
            first = seen.setdefault((pods.cluster, pods.namespace, pods.service_account), at)
            if first != at:
                there = draft.places.at(*first)
                yield draft.finding(
                    f"role `{name}` trusts a service account that already has a role",
                    quoted(f"{pods.namespace}/{pods.service_account} on {pods.cluster}"),
                    f"one role only, such as `{first[1]}` at {there}, or another service account",
                    at=at,
                    see=(there,),
                )


def _subjects(draft: Draft) -> Iterator[Finding]:
    clusters = {
        name
        for name, provider in draft.declared.identity_providers.items()
        if provider.oidc is not None and re.fullmatch(CLUSTER_ADDRESS, provider.oidc)
    }
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if (
                isinstance(trust, OidcTrust)
                and trust.oidc in clusters
                and not re.fullmatch(SERVICE_ACCOUNT_SUBJECT, trust.claim)
            ):
                yield draft.finding(
                    f"role `{name}` trusts a subject that no pod's token has",
                    quoted(trust.claim),
                    "`namespace` and `service_account` instead of `subject`",
                    at=("roles", name, "trusts", index, "subject"),
                )
