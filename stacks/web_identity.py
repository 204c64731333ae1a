"""Trusts in tokens of OpenID Connect issuers: the declared provider, its audiences, and the subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model import roles as declared
from keywright.model.trusts.identity_provider import provider_for
from keywright.statements.trusts.web_identity import built_in_trust, oidc_trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.trusts.issuers.issuer import TokenSubject
    from keywright.policy.statement import Statement
    from stacks.inputs import StackInputs

    WebIdentityTrust = declared.TokenTrust | declared.OidcTrust


def web_identity_trusts(trust: WebIdentityTrust, inputs: StackInputs) -> Iterator[Statement]:
    """Give a statement for each audience of the provider."""
    if isinstance(trust, declared.OidcTrust):
        yield from _trusts_of(trust.oidc, trust.claim, inputs)
        return
    issuer, values = trust.issuer, trust.values
    if issuer.claims is not None:
        yield built_in_trust(issuer.recognized_by, issuer.claims(values))
    elif issuer.subject is not None:
        providers = inputs.declarations.identity_providers
        name = provider_for(issuer.key, values.get("provider"), providers) or issuer.key
        yield from _trusts_of(name, issuer.subject(values, providers[name].stated), inputs)


def _trusts_of(provider: str, subject: str | TokenSubject, inputs: StackInputs) -> Iterator[Statement]:
    for audience in inputs.audiences(provider):
        yield oidc_trust(
            provider_arn=inputs.provider_arn(provider),
            url=inputs.issuer(provider),
            audience=audience,
            subject=subject,
        )
