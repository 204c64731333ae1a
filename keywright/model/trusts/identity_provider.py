"""`identity_providers:` - who vouches for federated identities."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import Shape, Uuid
from keywright.model.trusts.issuer import NEEDED

EXISTING_METADATA = ""
"""What `saml: true` is read as: the provider exists, so its metadata file is not ours."""

_FILE = Shape(
    "a metadata file",
    "its path beside the declarations, such as `metadata/okta.xml`",
    pattern=r"^[^\x00-\x1f\x7f]*$",
    longest=255,
)


def _existing(value: Any) -> Any:
    return EXISTING_METADATA if value is True else value


MetadataFile = Annotated[
    Annotated[str, _FILE],
    BeforeValidator(_existing),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "minLength": 1, "maxLength": 255}, {"const": True}],
            "description": _FILE.accepted,
        }
    ),
]
Issuer = Annotated[
    str,
    Shape(
        "an OIDC issuer",
        "`github`, `gitlab`, `terraform`, `buildkite`, `circleci`, `bitbucket`, or an https address",
        pattern=r"^(github|gitlab|terraform|buildkite|circleci|bitbucket|https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?)$",
        longest=255,
    ),
]
Audience = Annotated[
    str,
    Shape(
        "an audience",
        "1 to 255 characters without white space, `*` and `?`",
        pattern=r"^[^\s*?$]+$",
        longest=255,
    ),
]
Slug = Annotated[
    str,
    Shape(
        "a workspace of Bitbucket",
        "its name in addresses: small letters, digits, `-` and `_`",
        pattern=r"^[a-z0-9_-]+$",
        longest=62,
    ),
]
_GITHUB = "https://token.actions.githubusercontent.com"


class IdentityProvider(Strict):
    """Exactly one of `saml` and `oidc`; with `existing` it is referenced only."""

    saml: MetadataFile | None = None
    """The metadata file of a SAML provider, beside the declarations; `true` for a provider that exists."""
    oidc: Issuer | None = None
    """The name of an issuer such as `github`, or the https address of one."""
    audiences: Annotated[tuple[Audience, ...], Field(max_length=100)] = ()
    """Whom the tokens of an OIDC provider must be for; without any, whom its issuer's users ask tokens for."""
    organization: Uuid | None = None
    """The number of the organization on CircleCI."""
    workspace: Slug | None = None
    """The workspace on Bitbucket, as it stands in its addresses."""
    workspace_id: Uuid | None = None
    """The workspace's number on Bitbucket."""
    existing: bool = False
    """Whether the account has it already; it is then never created, changed or deleted."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it is not exactly one kind of provider, or says what does not go with its kind."""
        if (self.saml is None) == (self.oidc is None):
            found = "neither" if self.saml is None else "both"
            yield Mistake("{owner} is not exactly one of `saml` and `oidc`", found, "one of the two")
        if self.audiences and self.oidc is None:
            yield Mistake(
                "`audiences` of {owner} has no meaning for SAML", "`audiences`", "no `audiences`", "audiences"
            )
        if self.oidc is not None and self.oidc.rstrip("/") == _GITHUB:
            yield Mistake(
                "`oidc` of {owner} is GitHub's issuer by address", f"`{self.oidc}`", "`github`", "oidc"
            )
        yield from self._mistakes_of_issuer()
        if self.saml == EXISTING_METADATA and not self.existing:
            yield Mistake(
                "{owner} names no metadata file", "`saml: true`", "a file, or `existing: true`", "saml"
            )
        if self.saml and self.existing:
            yield Mistake(
                "{owner} exists already and its metadata is never changed",
                f"`{self.saml}`",
                "`saml: true`",
                "saml",
            )

    def _mistakes_of_issuer(self) -> Iterator[Mistake]:
        """Say what of its address is missing, or is told of an issuer that has none such."""
        needed = NEEDED.get(self.oidc or "", ())
        for key in needed:
            if getattr(self, key) is None:
                accepted = f"`{key}` beside `oidc: {self.oidc}`"
                yield Mistake(f"{{owner}} says no `{key}`", f"`oidc: {self.oidc}`", accepted, "oidc")
        for issuer, keys in NEEDED.items():
            for key in keys:
                if key not in needed and getattr(self, key) is not None:
                    message = f"`{key}` of {{owner}} has a meaning with `oidc: {issuer}` alone"
                    yield Mistake(message, f"`{key}`", f"no `{key}`", key)
