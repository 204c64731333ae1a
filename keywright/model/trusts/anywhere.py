"""`trusts: {trust_anchor: …}` - a machine outside AWS that has a certificate, by IAM Roles Anywhere."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import LITERAL, Shape
from keywright.model.grants.grant import ManagedPolicy
from keywright.reporting.text import listed

_ARN = r"arn:aws[a-z-]*:rolesanywhere:[a-z0-9-]+:[0-9]{12}:trust-anchor/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SUCH_AS = "`arn:aws:rolesanywhere:eu-central-1:111111111111:trust-anchor/1f0c1e0a-…`"
TrustAnchorArn = Annotated[str, Shape("a trust anchor", f"its ARN, such as {_SUCH_AS}", pattern=rf"^{_ARN}$")]
TrustAnchorReference = Annotated[
    str,
    Shape(
        "a trust anchor",
        f"its name under `trust_anchors`, or its ARN, such as {_SUCH_AS}",
        pattern=rf"^([a-z][a-z0-9-]{{0,39}}|{_ARN})$",
    ),
]
CommonName = Annotated[
    str,
    Shape(
        "a common name",
        "the certificate's exact CN in Latin letters, without `*`, `?` and `$`",
        pattern=rf"^[{LITERAL}]+$",
        longest=64,
    ),
]


class AnywhereTrust(Strict):
    """The holder of one certificate of a certificate authority; a profile for the role is created too."""

    trust_anchor: TrustAnchorReference
    """The trust anchor, whose authority must have issued the certificate: a declared one, or the ARN of an existing one."""
    common_name: CommonName
    """The common name of the certificate's subject, compared exactly."""
    at_most: Annotated[tuple[ManagedPolicy, ...], Field(max_length=10)] = ()
    """Managed policies as session policies: one of them must allow, too, what a session with the certificate does."""

    @property
    def declared(self) -> str | None:
        """Give the anchor's declared name, unless it is given by ARN."""
        return None if self.trust_anchor.startswith("arn:") else self.trust_anchor


PemFile = Annotated[
    str,
    Shape(
        "a file of certificates",
        "its path beside the declarations, such as `certificates/factory.pem`",
        pattern=r"^[^\x00-\x1f\x7f]+$",
        longest=255,
    ),
]
AuthorityArn = Annotated[
    str,
    Shape(
        "a certificate authority of AWS Private CA",
        "its ARN, such as `arn:aws:acm-pca:eu-central-1:111111111111:certificate-authority/1f0c1e0a-…`",
        pattern=r"^arn:aws[a-z-]*:acm-pca:[a-z0-9-]+:[0-9]{12}:certificate-authority/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    ),
]
NoticeDays = Annotated[int, Field(ge=1, le=360)]
_SOURCES = ("bundle", "authority", "existing")


class Notify(Strict):
    """How long before a certificate expires AWS announces it, on AWS Health and EventBridge."""

    authority_days: NoticeDays = 45
    """Days before a certificate of the authority expires."""
    machine_days: NoticeDays = 45
    """Days before a machine's certificate expires."""


class TrustAnchor(Strict):
    """A certificate authority that is trusted for machines: a bundle of its certificates, AWS Private CA, or an existing anchor."""

    bundle: PemFile | None = None
    """The file with the authority's certificates, beside the declarations."""
    authority: AuthorityArn | None = None
    """The ARN of a certificate authority of AWS Private CA."""
    existing: TrustAnchorArn | None = None
    """The ARN of an existing trust anchor; it is never created, changed or deleted."""
    revoked: PemFile | None = None
    """The file with the authority's certificate revocation list, beside the declarations."""
    notify: Notify = Notify()
    """When AWS announces that certificates expire."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report an anchor without exactly one source, and settings of an existing one."""
        named = [key for key in _SOURCES if getattr(self, key) is not None]
        if len(named) != 1:
            found = listed(named, "and", none="none")
            yield Mistake(
                "{owner} needs exactly one source", found, "one of `bundle`, `authority`, `existing`"
            )
        if self.existing is not None:
            for key in {"revoked", "notify"} & set(self.changed_fields()):
                accepted = f"no `{key}`"
                yield Mistake("{owner} exists already and is never changed", f"`{key}`", accepted, key)
