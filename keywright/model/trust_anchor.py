"""`trust_anchors:` - whose signature on a certificate counts, for machines outside of AWS."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.anywhere_trust import TrustAnchorArn
from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict

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
        "an authority of AWS Private CA",
        "its ARN, such as `arn:aws:acm-pca:eu-central-1:111111111111:certificate-authority/1f0c1e0a-…`",
        pattern=r"^arn:aws[a-z-]*:acm-pca:[a-z0-9-]+:[0-9]{12}:certificate-authority/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    ),
]
NoticeDays = Annotated[int, Field(ge=1, le=360)]
_SOURCES = ("bundle", "authority", "existing")


class Notify(Strict):
    """How long before a certificate ends AWS says so, on AWS Health and EventBridge."""

    authority_days: NoticeDays = 45
    """Days before a certificate of the authority ends."""
    machine_days: NoticeDays = 45
    """Days before a machine's certificate ends."""


class TrustAnchor(Strict):
    """An authority whose certificates let machines in: a bundle of its certificates, AWS Private CA, or one that exists."""

    bundle: PemFile | None = None
    """The file with the authority's certificates, beside the declarations."""
    authority: AuthorityArn | None = None
    """The ARN of an authority of AWS Private CA."""
    existing: TrustAnchorArn | None = None
    """The ARN of a trust anchor that the account has already; it is never created, changed or deleted."""
    revoked: PemFile | None = None
    """The file with the authority's list of revoked certificates, beside the declarations."""
    notify: Notify = Notify()
    """When AWS announces the end of certificates."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it names not exactly one source, or says of an existing one what we would have to change."""
        named = [key for key in _SOURCES if getattr(self, key) is not None]
        if len(named) != 1:
            found = " and ".join(f"`{key}`" for key in named) or "none"
            yield Mistake(
                "{owner} has not exactly one source", found, "one of `bundle`, `authority`, `existing`"
            )
        if self.existing is not None:
            for key in {"revoked", "notify"} & set(self.said()):
                way_on = f"no `{key}`"
                yield Mistake("{owner} exists already and is never changed", f"`{key}`", way_on, key)
