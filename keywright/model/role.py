"""`roles:` — what is assumed: by our own people, partners, SAML users, workflows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from keywright.model.grant import Grant, ManagedPolicyGrant
from keywright.model.strict import AccountId, Duration, IdentityName, Strict


class MfaAge(Strict):
    """How long ago the second factor may have been used."""

    within: Duration


class GroupTrust(Strict):
    """Members of one of our groups, with MFA; both sides are written: the trust and the group's right to assume."""

    group: IdentityName
    mfa: MfaAge = MfaAge(within="1h")


class Colleagues(Strict):
    """Humans of another account: they can do MFA, and can't send an external ID."""

    mfa: MfaAge


class AccountTrust(Strict):
    """Another account: software with an external ID, or people with MFA; never both."""

    account: AccountId
    external_id: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+=,.@:/-]+$", min_length=2, max_length=1224)]
        | None
    ) = None
    people: Colleagues | None = None


class GitHubIds(Strict):
    """The numbers GitHub gave the owner and the repository; they survive renames and can't be taken over."""

    owner: Annotated[int, Field(ge=1)]
    repository: Annotated[int, Field(ge=1)]


class GitHubTrust(Strict):
    """A workflow of one repository: exactly one of environment, branch, tag, pull_request."""

    github: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")]
    ids: GitHubIds | None = None
    environment: str | None = None
    branch: str | None = None
    tag: str | None = None
    pull_request: Literal[True] | None = None


class OidcTrust(Strict):
    """A subject of a declared OIDC provider, exactly."""

    oidc: str
    subject: Annotated[str, StringConstraints(pattern=r"^[^*?$]+$", max_length=1024)]


class SamlTrust(Strict):
    """Users of a declared SAML provider, in the console, or programmatically when `console` is false."""

    saml: str
    console: bool = True
    session_tags: tuple[str, ...] = ()


_KINDS = ("group", "account", "github", "oidc", "saml")
_TYPES = {
    "GroupTrust": "group",
    "AccountTrust": "account",
    "GitHubTrust": "github",
    "OidcTrust": "oidc",
    "SamlTrust": "saml",
}


def _kind(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((kind for kind in _KINDS if kind in value), None)
    return _TYPES.get(type(value).__name__)


Trust = Annotated[
    Annotated[GroupTrust, Tag("group")]
    | Annotated[AccountTrust, Tag("account")]
    | Annotated[GitHubTrust, Tag("github")]
    | Annotated[OidcTrust, Tag("oidc")]
    | Annotated[SamlTrust, Tag("saml")],
    Discriminator(_kind),
]


class Role(Strict):
    """A role that people, partners or federated identities assume."""

    trusts: Annotated[tuple[Trust, ...], Field(min_length=1)] = ()
    session: Duration = "1h"
    grants: tuple[Grant, ...] = ()
    policies: tuple[ManagedPolicyGrant, ...] = ()
    existing: bool = False
