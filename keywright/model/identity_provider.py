"""`identity_providers:` — who vouches for federated identities."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from keywright.model.strict import Strict


class IdentityProvider(Strict):
    """Exactly one of `saml` (a metadata file beside the declarations) and `oidc` (`github` or an issuer's https URL)."""

    saml: str | None = None
    oidc: (
        Annotated[str, StringConstraints(pattern=r"^(github|https://[a-z0-9.-]+(/[A-Za-z0-9._~/-]*)?)$")]
        | None
    ) = None
    audiences: tuple[str, ...] = ()
    existing: bool = False
