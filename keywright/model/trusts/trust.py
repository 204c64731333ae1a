"""`trusts:` - who can assume a role."""

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag

from keywright.model.fields.dates import MfaAge
from keywright.model.fields.strict import Mistake, Strict, kind_tag, tag_of
from keywright.model.fields.text import LITERAL, DeclaredName, IdentityName, Shape
from keywright.model.trusts.account import AccountTrust
from keywright.model.trusts.anywhere import AnywhereTrust
from keywright.model.trusts.issuers.eks import service_account_subject
from keywright.model.trusts.pod_identity import EksTrust, Namespace, ServiceAccount
from keywright.model.trusts.service import ServiceTrust
from keywright.model.trusts.tokens import TOKEN_TRUSTS, TokenTrust


class RoleTrust(Strict):
    """Sessions of another declared role (role chaining); that role is also granted assuming this one."""

    role: IdentityName
    """The role whose sessions can assume this one, for an hour at most each time."""


class WorkloadTrust(Strict):
    """The instances of a declared workload; the workload's role is also granted assuming this one."""

    workload: DeclaredName
    """The workload whose instances can assume the role, for an hour at most each time."""


Subject = Annotated[
    str,
    Shape(
        "a token's subject",
        "the exact text of 1 to 1024 Latin characters, without `*`, `?` and `$`",
        pattern=rf"^[{LITERAL}]+$",
        longest=1024,
    ),
]
SessionTag = Annotated[
    str,
    Shape(
        "a session tag's key",
        "1 to 128 letters, digits and `_.:/=+-@`",
        pattern=r"^[A-Za-z0-9_.:/=+@-]+$",
        longest=128,
    ),
]


class GroupTrust(Strict):
    """Members of a declared group, with MFA; the group is also granted assuming the role."""

    group: IdentityName
    """The group whose members can assume the role."""
    mfa: MfaAge = MfaAge(within="1h")
    """How recently MFA must have been used."""


class OidcTrust(Strict):
    """One exact subject of a declared OIDC provider."""

    oidc: DeclaredName
    """The provider, by its declared name."""
    subject: Subject | None = None
    """The exact `sub` claim of the token."""
    namespace: Namespace | None = None
    """For a Kubernetes cluster, in place of `subject`: the namespace of the service account."""
    service_account: ServiceAccount | None = None
    """For a Kubernetes cluster, in place of `subject`: the service account that the pods run as."""

    @property
    def claim(self) -> str:
        """Give the subject as the token contains it ("IAM roles for service accounts", Amazon EKS User Guide)."""
        return self.subject or service_account_subject(self.namespace, self.service_account)

    def mistakes(self) -> Iterator[Mistake]:
        """Report a trust with no subject, or with two ways to name one."""
        parts = [key for key in ("namespace", "service_account") if getattr(self, key) is not None]
        if (self.subject is None) == (not parts):
            yield Mistake(
                "a trust of {owner} needs exactly one of `subject` and a service account",
                "both" if parts else "neither",
                "`subject`, or for a Kubernetes cluster `namespace` and `service_account`",
                "oidc",
            )
        elif len(parts) == 1:
            yield Mistake(
                "a trust of {owner} names a service account incompletely",
                f"`{parts[0]}`",
                "`namespace` and `service_account`",
                parts[0],
            )


class SamlTrust(Strict):
    """Users of a declared SAML provider, in the console, or programmatically when `console` is false."""

    saml: DeclaredName
    """The provider, by its declared name."""
    console: bool = True
    """Whether they sign in to the console, or get credentials programmatically."""
    session_tags: Annotated[tuple[SessionTag, ...], Field(max_length=50)] = ()
    """The keys of session tags that the provider can pass."""
    source_identity: bool = False
    """Whether the provider must set the source identity, which stays the same when further roles are assumed."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report a tag that is listed twice; IAM ignores the case of tag keys."""
        seen: set[str] = set()
        for index, key in enumerate(self.session_tags):
            if key.lower() in seen:
                message = "`session_tags` of {owner} lists a tag twice"
                yield Mistake(message, f"`{key}`", "each tag once, ignoring case", ("session_tags", index))
            seen.add(key.lower())


# The order of this table is that of the JSON Schema, where GitHub comes before the other issuers.
_GITHUB, *_FURTHER = TOKEN_TRUSTS
_KINDS: Mapping[str, type[Strict]] = {
    "group": GroupTrust,
    "account": AccountTrust,
    _GITHUB: TOKEN_TRUSTS[_GITHUB],
    "oidc": OidcTrust,
    "saml": SamlTrust,
    "service": ServiceTrust,
    **{key: TOKEN_TRUSTS[key] for key in _FURTHER},
    "trust_anchor": AnywhereTrust,
    "role": RoleTrust,
    "workload": WorkloadTrust,
    "eks": EksTrust,
}
"""The type of each kind, by the key that only it has, in the order of the JSON Schema."""


def _kind(value: Any) -> str | None:
    # With the kind known, pydantic reports the mistakes of this kind, not those of each possible kind.
    return tag_of(value, _KINDS)


if TYPE_CHECKING:
    Trust = (
        GroupTrust
        | AccountTrust
        | TokenTrust
        | OidcTrust
        | SamlTrust
        | ServiceTrust
        | AnywhereTrust
        | RoleTrust
        | WorkloadTrust
        | EksTrust
    )
else:
    Trust = Annotated[
        reduce(or_, (Annotated[kind, Tag(kind_tag(key))] for key, kind in _KINDS.items())),
        Discriminator(_kind),
    ]
