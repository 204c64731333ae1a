"""`trusts: {trust_anchor: …}` - a machine outside of AWS that shows a certificate, by IAM Roles Anywhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from keywright.model.managed_policy import ManagedPolicy
from keywright.model.name import LITERAL
from keywright.model.shape import Shape
from keywright.model.strict import Strict

TrustAnchor = Annotated[
    str,
    Shape(
        "a trust anchor",
        "its ARN, such as `arn:aws:rolesanywhere:eu-central-1:111111111111:trust-anchor/1f0c1e0a-…`",
        pattern=r"^arn:aws[a-z-]*:rolesanywhere:[a-z0-9-]+:[0-9]{12}:trust-anchor/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
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
    """One certificate's holder, by the authority that signed it; a profile for the role is made beside it."""

    trust_anchor: TrustAnchor
    """The ARN of the trust anchor, which says whose signature counts; the account has it already."""
    common_name: CommonName
    """The common name of the certificate's subject, compared exactly."""
    at_most: Annotated[tuple[ManagedPolicy, ...], Field(max_length=10)] = ()
    """Managed policies, one of which must allow what a certificate's session does beside the role: session policies."""
