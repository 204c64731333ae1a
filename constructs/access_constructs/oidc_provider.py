"""An issuer of OpenID Connect tokens that the account trusts to vouch for workloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_iam as iam
from constructs import Construct

from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id
from keywright.statements.trusts.web_identity import STS_AUDIENCE, issuer_of

if TYPE_CHECKING:
    from collections.abc import Sequence


class OidcProvider(Construct):
    """An `AWS::IAM::OIDCProvider`; an account holds one for each issuer, so most have GitHub's already.

    No thumbprint: IAM trusts the issuers' public certificates, and takes the thumbprint itself where it still needs
    one ("Obtain the thumbprint for an OpenID Connect identity provider", IAM User Guide).

    Raises:
        ValueError: The address is no issuer's, or no audience is named.
    """

    def __init__(self, scope: Construct, construct_id: str, *, url: str, audiences: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        if not audiences:
            raise refusal(
                f"tokens of `{url}` are for somebody",
                found="no audience",
                accepted=f"at least one, such as `{STS_AUDIENCE}`",
            )
        self.provider = iam.CfnOIDCProvider(self, "Provider", url=url, client_id_list=sorted(set(audiences)))
        self.provider.override_logical_id(logical_id("OidcProvider", issuer_of(url)))

    @property
    def arn(self) -> str:
        """The provider's ARN as a reference inside its stack: a role that uses it comes later."""
        return self.provider.ref
