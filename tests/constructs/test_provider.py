"""Identity providers: under their declared name, without secrets, and found by a literal ARN."""

from __future__ import annotations

import re

import pytest

from access_constructs.federation.identity_providers import OidcProvider, SamlProvider
from keywright.statements.trusts.saml import saml_provider_arn
from keywright.statements.trusts.web_identity import GITHUB_ISSUER, oidc_provider_arn

METADATA = f'<EntityDescriptor entityID="https://idp.acme.example">{"x" * 1000}</EntityDescriptor>'


def test_oidc_provider_has_no_thumbprint(stack, resources):
    OidcProvider(stack, "github", url=GITHUB_ISSUER, audiences=["sts.amazonaws.com", "sts.amazonaws.com"])
    assert resources() == {
        "OidcProvider0tokenX2eactionsX2egithubusercontentX2ecom": {
            "Type": "AWS::IAM::OIDCProvider",
            "Properties": {"Url": GITHUB_ISSUER, "ClientIdList": ["sts.amazonaws.com"]},
        }
    }


def test_oidc_provider_arn_is_the_issuer_without_its_scheme():
    assert oidc_provider_arn("aws", "111111111111", GITHUB_ISSUER) == (
        "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    )


def test_oidc_provider_needs_an_audience(stack):
    with pytest.raises(ValueError, match="needs an audience; found none; accepted: at least one"):
        OidcProvider(stack, "github", url=GITHUB_ISSUER, audiences=[])


def test_saml_provider_has_its_name_and_metadata(stack, resources):
    SamlProvider(stack, "okta", name="okta", metadata=METADATA)
    assert resources() == {
        "SamlProvider0okta": {
            "Type": "AWS::IAM::SAMLProvider",
            "Properties": {"Name": "okta", "SamlMetadataDocument": METADATA},
        }
    }


def test_saml_provider_arn_is_literal():
    expected = "arn:aws-cn:iam::111111111111:saml-provider/okta"
    assert saml_provider_arn("aws-cn", "111111111111", "okta") == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"name": "a b"},
            "a SAML provider's name is malformed; found `a b`; accepted: 1 to 128 letters, digits and `._-`",
            id="name",
        ),
        pytest.param(
            {"metadata": "<EntityDescriptor/>"},
            "the metadata of SAML provider `okta` is malformed; found 19 characters; accepted: the XML "
            "document with its `EntityDescriptor`, 1,000 to 10,000,000 characters",
            id="too short",
        ),
        pytest.param(
            {"metadata": "x" * 2000},
            "the metadata of SAML provider `okta` is malformed; found 2000 characters; accepted: the XML "
            "document with its `EntityDescriptor`, 1,000 to 10,000,000 characters",
            id="something else",
        ),
        pytest.param(
            {"metadata": f"{METADATA}-----BEGIN PRIVATE KEY-----MIIsecret"},
            "the metadata of SAML provider `okta` contains a private key; found a private key; accepted: the "
            "metadata that the provider publishes; replace the exposed key",
            id="private key",
        ),
    ],
)
def test_saml_provider_refuses_without_printing_a_secret(stack, arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        SamlProvider(stack, "okta", **({"name": "okta", "metadata": METADATA} | arguments))
