"""`trusts: {circleci: …}` - the jobs of a CircleCI project ("Using OpenID Connect tokens in jobs", CircleCI Docs)."""

from keywright.model.fields.strict import Strict
from keywright.model.fields.text import DeclaredName, Uuid


class CircleCiTrust(Strict):
    """The jobs of one project, whoever starts them: the token's subject names no branch."""

    circleci: Uuid
    """The project's number, from its settings."""
    provider: DeclaredName | None = None
    """The declared provider, where it is not the only one with `oidc: circleci`: of another organization."""
