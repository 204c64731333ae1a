"""`identity_providers:` - SAML and OIDC providers of federated identities."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import Audience, Shape
from keywright.model.trusts.issuers.github import GITHUB
from keywright.model.trusts.issuers.issuer import STS_AUDIENCE, DeclaredKeys, Issuer
from keywright.model.trusts.issuers.registry import WITH_PROVIDER
from keywright.model.trusts.tokens import model_of
from keywright.reporting.text import listed

EXISTING_METADATA = ""
"""How `saml: true` is stored: the provider exists already, without a metadata file here."""

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
_NAMES = tuple(WITH_PROVIDER)
IssuerAddress = Annotated[
    str,
    Shape(
        "an OIDC issuer",
        f"{listed(_NAMES)}, or an https address",
        pattern=rf"^({'|'.join(_NAMES)}|https://[a-z0-9.-]+(:[0-9]{{1,5}})?(/[A-Za-z0-9._~/-]*)?)$",
        longest=255,
    ),
]


class _Provider(Strict):
    saml: MetadataFile | None = None
    """The metadata file of a SAML provider, beside the declarations; `true` for a provider that exists."""
    oidc: IssuerAddress | None = None
    """The name of an issuer such as `github`, or the https address of one."""
    audiences: Annotated[tuple[Audience, ...], Field(max_length=100)] = ()
    """The audiences that tokens of an OIDC provider must have; without any, the one that the issuer uses by default."""
    existing: bool = False
    """Whether the account has it already; it is then never created, changed or deleted."""

    @property
    def issuer(self) -> Issuer | None:
        """Give the registered issuer that `oidc` names, if it names one."""
        return WITH_PROVIDER.get(self.oidc or "")

    @property
    def url(self) -> str:
        """Give the https address of an OIDC provider's issuer; empty for SAML."""
        issuer = self.issuer
        return issuer.address.format(**self.stated) if issuer else self.oidc or ""

    @property
    def accepted_audiences(self) -> tuple[str, ...]:
        """Give the audiences that are declared, or else the one that the issuer uses by default."""
        issuer = self.issuer
        default = issuer.audience.format(**self.stated) if issuer else STS_AUDIENCE
        return self.audiences or (default,)

    @property
    def stated(self) -> dict[str, str]:
        """Give what is stated of the issuer beside its name, by key."""
        return {key: value for key in _PROVIDER_KEYS if (value := getattr(self, key)) is not None}

    def mistakes(self) -> Iterator[Mistake]:
        """Report a provider that is not of exactly one kind, and keys that do not apply to its kind."""
        if (self.saml is None) == (self.oidc is None):
            found = "neither" if self.saml is None else "both"
            yield Mistake("{owner} needs exactly one of `saml` and `oidc`", found, "one of the two")
        if self.audiences and self.oidc is None:
            yield Mistake(
                "`audiences` of {owner} is only for OIDC", "`audiences`", "no `audiences`", "audiences"
            )
        yield from self._mistakes_of_address()
        yield from self._mistakes_of_issuer()
        if self.saml == EXISTING_METADATA and not self.existing:
            yield Mistake(
                "{owner} has no metadata file", "`saml: true`", "a file, or `existing: true`", "saml"
            )
        if self.saml and self.existing:
            yield Mistake(
                "{owner} exists already and its metadata is never changed",
                f"`{self.saml}`",
                "`saml: true`",
                "saml",
            )

    def _mistakes_of_address(self) -> Iterator[Mistake]:
        """Report GitHub's issuer by address: `github` trusts would not find the provider."""
        if self.oidc is not None and self.oidc.rstrip("/") == GITHUB.address:
            yield Mistake(
                "`oidc` of {owner} is GitHub's issuer by address", f"`{self.oidc}`", "`github`", "oidc"
            )

    def _mistakes_of_issuer(self) -> Iterator[Mistake]:
        """Report what the issuer's address lacks, and keys that belong to another issuer."""
        needed = [key.name for key in self.issuer.provider_keys] if self.issuer else []
        for key in needed:
            if key not in self.stated:
                accepted = f"`{key}` beside `oidc: {self.oidc}`"
                yield Mistake(f"{{owner}} has no `{key}`", f"`oidc: {self.oidc}`", accepted, "oidc")
        for key in self.stated:
            if key not in needed:
                owners = listed((f"oidc: {each.key}" for each in issuers_with(key)), "or")
                message = f"`{key}` of {{owner}} is only for {owners}"
                yield Mistake(message, f"`{key}`", f"no `{key}`", key)


def issuers_with(key: str) -> list[Issuer]:
    """List the issuers whose providers state this key."""
    return [each for each in WITH_PROVIDER.values() if key in {own.name for own in each.provider_keys}]


# Issuers that state the same key share one field, so its form must be the same; a test of the registry checks it.
_PROVIDER_KEYS = {key.name: key for each in WITH_PROVIDER.values() for key in each.provider_keys}
_KEYS = DeclaredKeys(
    "IdentityProvider",
    "Exactly one of `saml` and `oidc`; with `existing` it is referenced only.",
    tuple(_PROVIDER_KEYS.values()),
)
if TYPE_CHECKING:

    class IdentityProvider(_Provider):
        """Exactly one of `saml` and `oidc`, with the keys that registered issuers need."""

else:
    IdentityProvider = model_of(_KEYS, _Provider)


def provider_for(kind: str, named: str | None, providers: Mapping[str, IdentityProvider]) -> str | None:
    """Name the declared provider of a trust: the one that it names, or the only one of its kind."""
    if named is not None:
        return named
    found = [name for name, provider in providers.items() if provider.oidc == kind]
    return found[0] if len(found) == 1 else None
