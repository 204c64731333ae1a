"""`trusts: {bitbucket: …}` - the pipelines of a Bitbucket repository ("Integrate Pipelines with resource servers using OIDC")."""

from keywright.model.fields.strict import Strict
from keywright.model.fields.text import DeclaredName, Uuid


class BitbucketTrust(Strict):
    """The steps of one repository, of one deployment environment if it is named, else of all: no subject names a branch."""

    bitbucket: Uuid
    """The repository's number, from its OpenID Connect settings."""
    environment: Uuid | None = None
    """The deployment environment's number, from the same page."""
    provider: DeclaredName | None = None
    """The declared provider, where it is not the only one with `oidc: bitbucket`: of another workspace."""
