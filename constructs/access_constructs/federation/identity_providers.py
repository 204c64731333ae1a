"""OpenID Connect and SAML identity providers of the account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk.aws_iam as iam
from constructs import Construct

from keywright.model.trusts.issuers.issuer import STS_AUDIENCE
from keywright.reporting.text import refusal
from keywright.statements.logical_id import logical_id
from keywright.statements.trusts.web_identity import issuer_of

if TYPE_CHECKING:
    from collections.abc import Sequence


class OidcProvider(Construct):
    """An `AWS::IAM::OIDCProvider`; an account has one for each issuer, so most have GitHub's already.

    It has no thumbprint: IAM trusts public certificate authorities, and obtains the thumbprint itself where it still needs
    one ("Obtain the thumbprint for an OpenID Connect identity provider", IAM User Guide).

    Raises:
        ValueError: A malformed issuer URL, or no audience.
    """

    def __init__(self, scope: Construct, construct_id: str, *, url: str, audiences: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        if not audiences:
            raise refusal(
                f"OIDC provider `{url}` needs an audience",
                found="none",
                accepted=f"at least one, such as `{STS_AUDIENCE}`",
            )
        self.provider = iam.CfnOIDCProvider(self, "Provider", url=url, client_id_list=sorted(set(audiences)))
        self.provider.override_logical_id(logical_id("OidcProvider", issuer_of(url)))

    @property
    def arn(self) -> str:
        """The provider's ARN as a reference within its stack: a role that uses it is created later."""
        return self.provider.ref


_NAME = re.compile(r"[A-Za-z0-9._-]{1,128}")
_LENGTH = range(1_000, 10_000_001)


class SamlProvider(Construct):
    """An `AWS::IAM::SAMLProvider` under its declared name, which is create-only: another name is another provider.

    `metadata` is the XML that the provider publishes: certificates and addresses, no secrets ("CreateSAMLProvider", IAM
    API Reference: 1,000 to 10,000,000 characters). New metadata is updated in place.

    Raises:
        ValueError: A malformed name, or text that is not a provider's metadata or contains a private key.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, metadata: str) -> None:
        super().__init__(scope, construct_id)
        if not _NAME.fullmatch(name):
            raise refusal(
                "a SAML provider's name is malformed",
                found=f"`{name}`",
                accepted="1 to 128 letters, digits and `._-`",
            )
        _refuse_bad_metadata(name, metadata)
        self.provider = iam.CfnSAMLProvider(self, "Provider", name=name, saml_metadata_document=metadata)
        self.provider.override_logical_id(logical_id("SamlProvider", name))

    @property
    def arn(self) -> str:
        """The provider's ARN as a reference within its stack: a role that uses it is created later."""
        return self.provider.ref


def _refuse_bad_metadata(name: str, metadata: str) -> None:
    # The document becomes part of the template, where many people can read it.
    if "PRIVATE KEY" in metadata:
        raise refusal(
            f"the metadata of SAML provider `{name}` contains a private key",
            found="a private key",
            accepted="the metadata that the provider publishes; replace the exposed key",
        )
    if "EntityDescriptor" not in metadata or len(metadata) not in _LENGTH:
        raise refusal(
            f"the metadata of SAML provider `{name}` is malformed",
            found=f"{len(metadata)} characters",
            accepted="the XML document with its `EntityDescriptor`, 1,000 to 10,000,000 characters",
        )
