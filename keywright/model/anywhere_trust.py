"""`trusts: {trust_anchor: …}` - a machine outside of AWS that shows a certificate, by IAM Roles Anywhere."""

from typing import Annotated

from pydantic import Field

from keywright.model.managed_policy import ManagedPolicy
from keywright.model.name import LITERAL
from keywright.model.shape import Shape
from keywright.model.strict import Strict

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
    """One certificate's holder, by the authority that signed it; a profile for the role is made beside it."""

    trust_anchor: TrustAnchorReference
    """The trust anchor, which says whose signature counts: a declared one, or the ARN of one that the account has."""
    common_name: CommonName
    """The common name of the certificate's subject, compared exactly."""
    at_most: Annotated[tuple[ManagedPolicy, ...], Field(max_length=10)] = ()
    """Managed policies, one of which must allow what a certificate's session does beside the role: session policies."""

    @property
    def declared(self) -> str | None:
        """Give the anchor's declared name, if it is not named by its ARN."""
        return None if self.trust_anchor.startswith("arn:") else self.trust_anchor
